import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Status } from '../../../src/control/protocol.ts';
import { startLab, type Lab } from '../../cluster/lab/index.ts';
import { layoutOf, switchNetns } from '../../cluster/lab/layout.ts';
import { ALERT_COMMANDS, ENABLE_COMMAND, ENGINE_COMMANDS } from '../../cluster/rig/configuration.ts';
import { eventually } from '../../support/eventually.ts';
import { startCloud, type CloudLab } from '../lab/index.ts';
import { CONTROLLER_CONFIGURATION, cloudsYaml, gateConfiguration, hostService } from './configuration.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

/**
 * Nothing emulated: a real Pacemaker cluster and a real control plane in the network of its switch. nova-compute of each
 * compute host runs inside that node, so that one power cut takes Pacemaker's remote and Nova's service together.
 */
export interface Whole {
  readonly lab: Lab;
  readonly cloud: CloudLab;
  /** The nodes that carry instances. */
  readonly computes: readonly string[];
  status(): Promise<Status | undefined>;
  /** The `openstack` command, as the administrator. */
  openstack(words: readonly string[]): Promise<string>;
  log(): Promise<string>;
  /** What systemd's journal would show of nova-compute and its gate on that host. */
  hostLog(node: string): Promise<string>;
  down(): Promise<void>;
}

export async function startWhole(options: { readonly name: string; readonly computes: number }): Promise<Whole> {
  const overlay = join(ROOT, 'dist/usr');
  if (!existsSync(join(overlay, 'sbin/lifeboatd'))) throw new Error('dist/ is missing: npm run build');
  // Slower checks than the lab's own: a whole cloud shares the processors with the cluster.
  // And no connection to a host without power under way when a controller dies: Pacemaker would fence that one only after it.
  const cib = { remoteMonitorInterval: '4s', remoteMonitorTimeout: '10s', reconnectInterval: '30s' };
  const lab = await startLab({ name: options.name, computes: options.computes, overlay: [overlay], cib });
  let cloud: CloudLab | undefined;
  try {
    cloud = await startCloud({
      name: options.name,
      netns: switchNetns(layoutOf(options.name)),
      address: lab.cloudAddress,
      hosts: [],
      reportIntervalS: 2,
      serviceDownTimeS: 60,
    });
    const whole = wholeOf(lab, cloud);
    await startComputes(whole);
    await installLifeboat(whole);
    return whole;
  } catch (error) {
    await cloud?.down();
    await lab.down();
    throw error;
  }
}

async function startComputes({ lab, cloud, computes }: Whole): Promise<void> {
  const controllers = lab.nodes.filter(({ role }) => role === 'controller').map(({ address }) => address);
  for (const node of computes) {
    const { argv, env } = await cloud.computeCommand(node);
    await place(lab, node, 'clouds.yaml', cloudsYaml(cloud), 'root', '600');
    await place(lab, node, 'lifeboat.yaml', gateConfiguration(controllers), 'root', '600');
    await place(lab, node, 'host-service', hostService(argv, env), 'root', '755');
  }
  for (const node of computes) lab.startNovaCompute(node);
  const registered = 'SELECT host FROM compute_nodes WHERE deleted = 0';
  await eventually(
    'every nova-compute is registered',
    async () => (await cloud.sql('nova', registered)).length === computes.length,
    { withinMs: 120_000, everyMs: 500 },
  );
}

async function installLifeboat(whole: Whole): Promise<void> {
  const { lab, cloud } = whole;
  for (const { name, role } of lab.nodes) {
    if (role !== 'controller') continue;
    await place(lab, name, 'clouds.yaml', cloudsYaml(cloud), 'hacluster', '600');
    await place(lab, name, 'lifeboat.yaml', CONTROLLER_CONFIGURATION, 'hacluster', '600');
  }
  for (const argv of [...ENGINE_COMMANDS, ...ALERT_COMMANDS, ENABLE_COMMAND]) await lab.exec('ctl1', argv);
  await eventually('the engine is active', async () => (await whole.status())?.state === 'active', {
    withinMs: 90_000,
    everyMs: 200,
  });
  await lab.waitIdle();
}

async function place(
  lab: Lab,
  node: string,
  file: string,
  content: string,
  owner: string,
  mode: string,
): Promise<void> {
  const path = `/etc/lifeboat/${file}`;
  const script = `umask 077 && cat >${path} && chown ${owner} ${path} && chmod ${mode} ${path}`;
  await lab.exec(node, ['sh', '-c', script], { input: content });
}

function wholeOf(lab: Lab, cloud: CloudLab): Whole {
  const named = (role: string): string[] => lab.nodes.filter((node) => node.role === role).map(({ name }) => name);
  const read = async (node: string, file: string): Promise<string> => {
    // A node without power tells nothing.
    const answer = await lab.exec(node, ['cat', file], { allowFailure: true }).catch(() => undefined);
    return answer?.stdout ?? '';
  };
  return {
    lab,
    cloud,
    computes: named('compute'),
    async status() {
      for (const node of named('controller')) {
        const answer = await lab
          .exec(node, ['lifeboat', 'status', '--json'], { allowFailure: true, timeoutMs: 10_000 })
          .catch(() => undefined);
        if (answer?.stdout.startsWith('{') === true) return JSON.parse(answer.stdout) as Status;
      }
      return undefined;
    },
    async openstack(words) {
      const { account, authUrl } = cloud;
      const process = lab.spawnInSwitch(['openstack', ...words], {
        env: {
          OS_AUTH_URL: authUrl,
          OS_USERNAME: account.username,
          OS_PASSWORD: account.password,
          OS_PROJECT_NAME: account.projectName,
          OS_USER_DOMAIN_NAME: account.domainName,
          OS_PROJECT_DOMAIN_NAME: account.domainName,
          OS_REGION_NAME: account.region,
          OS_IDENTITY_API_VERSION: '3',
        },
      });
      let said = '';
      process.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
      process.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      process.stdin.end();
      const code = await process.ended;
      if (code !== 0) throw new Error(`openstack ${words.join(' ')} ended with ${code}: ${said}`);
      return said;
    },
    async log() {
      const logs = await Promise.all(named('controller').map((node) => read(node, '/var/log/lifeboat/lifeboatd.log')));
      return logs.join('');
    },
    hostLog: (node) => read(node, '/var/log/host-service.log'),
    async down() {
      await cloud.down();
      await lab.down();
    },
  };
}
