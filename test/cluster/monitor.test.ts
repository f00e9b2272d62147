import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startRig, type Rig } from './rig/rig.ts';
import { tellFailure } from './rig/tell-failure.ts';

const CREATE = readFileSync(resolve(import.meta.dirname, '../../resource-agents/examples/create-monitor.sh'), 'utf8');
const CONFIGURATION = `api: { addresses: ['http://127.0.0.1:1'], key_file: /etc/lifeboat/monitor.key }
processes: { units: [] }
`;

describe('ocf:lifeboat:monitor, a clone on the compute nodes', () => {
  let rig: Rig;
  tellFailure(() => rig);

  beforeAll(async () => {
    const on = ['cmp1', 'cmp2'];
    rig = await startRig({
      name: 'monitor',
      controllers: 1,
      computes: 2,
      files: [
        { path: '/etc/lifeboat/monitor.yaml', content: CONFIGURATION, on },
        { path: '/etc/lifeboat/monitor.key', content: 'lbk_of-nobody\n', mode: 0o600, on },
      ],
    });
  });
  afterAll(() => rig?.down());

  const isMonitor = (line: string): boolean => line.includes('/usr/sbin/lifeboat-monitor run');
  const pidOn = (node: string): number | undefined => rig.lab.processes(node, isMonitor)[0];
  const shown = async (): Promise<string> => (await rig.lab.exec('ctl1', ['crm_mon', '-1', '-A'])).stdout;

  it('is put into the cluster by its script, and shows in crm_mon what each host sees', async () => {
    await rig.lab.exec('ctl1', ['sh', '-c', CREATE]);
    await eventually(
      'both show it',
      async () => (await shown()).match(/lifeboat-monitor\s+: blind: the guests are not seen: /g)?.length === 2,
      {
        withinMs: 60_000,
        everyMs: 500,
      },
    );
    expect([pidOn('cmp1'), pidOn('cmp2')]).toEqual([expect.any(Number), expect.any(Number)]);
    expect(pidOn('ctl1')).toBeUndefined();
  });

  it('is started again by Pacemaker when it dies, and no host is fenced for it', async () => {
    const before = await eventually('it runs', () => pidOn('cmp1'), { withinMs: 5_000 });
    const beganAtMs = Date.now();
    process.kill(before, 'SIGKILL');
    await eventually('another one runs', () => pidOn('cmp1') !== undefined && pidOn('cmp1') !== before, {
      withinMs: 60_000,
      everyMs: 200,
    });
    expect(rig.lab.powerLog().filter(({ atMs }) => atMs >= beganAtMs)).toEqual([]);
  });

  it('ends when it is disabled, and shows nothing any more', async () => {
    await rig.lab.exec('ctl1', ['pcs', 'resource', 'disable', 'lifeboat-monitor']);
    await eventually('nothing is shown', async () => !(await shown()).includes('lifeboat-monitor  '), {
      withinMs: 60_000,
      everyMs: 500,
    });
    expect([pidOn('cmp1'), pidOn('cmp2')]).toEqual([undefined, undefined]);
  });

  it('is described by pcs and by crmsh on a controller, and its metadata fits the schema of OCF 1.1', async () => {
    const check =
      '/usr/lib/ocf/resource.d/lifeboat/monitor meta-data | xmllint --noout --relaxng /usr/share/pcs/data/ocf-1.1.rng -';
    expect((await rig.lab.exec('ctl1', ['sh', '-c', check])).code).toBe(0);
    const pcs = await rig.lab.exec('ctl1', ['pcs', 'resource', 'describe', 'ocf:lifeboat:monitor']);
    expect(pcs.stdout).toContain('config: The configuration file of lifeboat-monitor');
    const crm = await rig.lab.exec('ctl1', ['crm', 'ra', 'info', 'ocf:lifeboat:monitor']);
    expect(crm.stdout).toContain('[/etc/lifeboat/monitor.yaml]');
  });
});
