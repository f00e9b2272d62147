/** `npm run cloud -- …`: a real OpenStack to try things on. Exit status: 0 done, 1 failed, 2 not understood. */
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isLifeboatError, messageOf } from '../../../src/errors.ts';
import { LabError } from '../../cluster/lab/lab-error.ts';
import { cloudLayout, cloudsFile, openrcFile } from './layout.ts';
import { attachCloud, startCloud } from './lab.ts';
import type { CloudLab } from './cloud-lab.ts';
import { remainsOf, removeCloud } from './removal.ts';
import { seedFolder } from './seed.ts';
import { statusOf } from './status.ts';

const HELP = `npm run cloud -- COMMAND

  up [--hosts N] [--masakari] [--address A] [--port-offset N] [--netns NAME] [--quick] [--workers N] [--vcpus N]
                            start an OpenStack and leave it running; --quick: heartbeats of 1 s, down after 5 s
  down [--purge]            end it and remove every trace; --purge: the seed as well
  reset                     no servers, groups, aggregates; every host up and enabled
  status                    state and memory of each service
  compute start HOST        start nova-compute of a host, a new one too
  compute kill HOST         SIGKILL to that one alone
  compute freeze HOST       it stands still; thaw HOST: it goes on
  compute delay HOST MS     how long the start of an instance takes on that host

Every command takes --name NAME (default "cloud"). Hosts are compute-1, compute-2 ….
`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string', default: 'cloud' },
    hosts: { type: 'string', default: '4' },
    workers: { type: 'string', default: '2' },
    vcpus: { type: 'string' },
    masakari: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    address: { type: 'string', default: '127.0.0.1' },
    'port-offset': { type: 'string', default: '0' },
    netns: { type: 'string' },
    purge: { type: 'boolean', default: false },
  },
});

const startedAt = performance.now();
const say = (what: string): void => {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`${seconds.padStart(6)} s  ${what}\n`);
};

async function up(): Promise<void> {
  const cloud = await startCloud({
    name: options.name,
    address: options.address,
    portOffset: number(options['port-offset']),
    hosts: Array.from({ length: number(options.hosts) }, (_, index) => `compute-${index + 1}`),
    masakari: options.masakari,
    apiWorkers: number(options.workers),
    owner: 'detached',
    onStep: say,
    ...(options.netns === undefined ? {} : { netns: options.netns }),
    ...(options.vcpus === undefined ? {} : { vcpusPerHost: number(options.vcpus) }),
    ...(options.quick ? { reportIntervalS: 1, serviceDownTimeS: 5 } : {}),
  });
  const layout = cloudLayout(cloud.name);
  process.stdout.write(`
Keystone: ${cloud.authUrl}${cloud.masakari === undefined ? '' : `, Masakari: ${cloud.masakari.endpoint}`}
As admin: . ${openrcFile(layout)}; openstack server list
Lifeboat's account: OS_CLIENT_CONFIG_FILE=${cloudsFile(layout)} OS_CLOUD=lifeboat
An instance: openstack server create --flavor m1.nano --image tiny --nic none NAME
Logs: ${cloud.dir}/log
`);
}

async function down(): Promise<void> {
  const layout = cloudLayout(options.name);
  const was = remainsOf(layout).length > 0;
  await removeCloud(layout);
  if (options.purge) rmSync(seedFolder(), { recursive: true, force: true });
  say(was ? `the cloud "${options.name}" is gone` : `there was no cloud "${options.name}"`);
}

async function compute(words: readonly string[]): Promise<void> {
  const [verb = '', host, ms] = words;
  const verbs: Readonly<Record<string, (cloud: CloudLab, host: string) => Promise<void>>> = {
    start: (cloud, name) => cloud.startCompute(name),
    kill: (cloud, name) => cloud.killCompute(name),
    freeze: (cloud, name) => cloud.freezeCompute(name),
    thaw: (cloud, name) => cloud.thawCompute(name),
    delay: (cloud, name) => cloud.setSpawnDelay(name, number(ms)),
  };
  const act = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (act === undefined || host === undefined) throw usage('compute start|kill|freeze|thaw|delay HOST [MS]');
  await act(await attachCloud(options.name), host);
  say(`${verb} ${host}`);
}

async function main([command = 'help', ...words]: readonly string[]): Promise<void> {
  if (command === 'compute') return compute(words);
  if (words.length > 0) throw usage(`"${command}" takes no "${words.join(' ')}"`);
  switch (command) {
    case 'up':
      return up();
    case 'down':
      return down();
    case 'reset':
      await (await attachCloud(options.name)).reset();
      return say('reset');
    case 'status':
      await attachCloud(options.name);
      process.stdout.write(statusOf(cloudLayout(options.name)));
      return;
    case 'help':
      process.stdout.write(HELP);
      return;
    default:
      throw usage(`no command "${command}"`);
  }
}

function number(text: string | undefined): number {
  if (text !== undefined && /^-?\d+$/.test(text)) return Number(text);
  throw usage(`a number is missing where "${text ?? ''}" stands`);
}

function usage(words: string): LabError {
  return new LabError('bad-argument', `${words}; "npm run cloud -- help" lists all commands`);
}

try {
  await main(positionals);
} catch (error) {
  process.stderr.write(`cloud: ${messageOf(error)}\n`);
  if (isLifeboatError(error)) process.stderr.write(`       ${error.hint}\n`);
  process.exitCode = error instanceof LabError && error.kind === 'bad-argument' ? 2 : 1;
}
