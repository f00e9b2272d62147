import { describe, expect, it } from 'vitest';
import type { ClusterSnapshot } from '../../../src/crm/snapshot.ts';
import { joinSnapshot } from '../../../src/crm/join-snapshot.ts';
import { chanceFrom } from '../../../src/simulation/chance.ts';
import { createCluster, type ClusterVerbs } from '../../../src/simulation/cluster/cluster.ts';
import { partitionOf, type ClusterEvents } from '../../../src/simulation/cluster/cluster-world.ts';
import type { MachineSpec } from '../../../src/simulation/cluster/machine.ts';
import { cibNodesOf, crmMonOf, historyOf } from '../../../src/simulation/cluster/reading.ts';
import { virtualTime } from '../../../src/simulation/time.ts';
import { recordedRuns } from '../bridge/recording.ts';

/**
 * What the simulated cluster shows is held against what a real one showed. A recording holds what somebody saw who looked
 * every few hundred milliseconds, so each of its pictures of the node, in its order, must be among those of the simulator.
 */
interface Event {
  readonly recording: string;
  readonly node: string;
  /** Who looks. */
  readonly observer: string;
  readonly happens: (cluster: ClusterVerbs, at: (ms: number, act: () => void) => void) => void;
  readonly idle?: boolean;
}

const EVENTS: readonly Event[] = [
  { recording: 'a1-nonDC-killed', node: 'ctl3', observer: 'ctl1', happens: (cluster) => cluster.kill('ctl3') },
  { recording: 'a2-DC-killed', node: 'ctl2', observer: 'ctl1', happens: (cluster) => cluster.kill('ctl2') },
  { recording: 'b1-remote-process-gone', node: 'cmp1', observer: 'ctl3', happens: (cluster) => cluster.crash('cmp1') },
  { recording: 'b2-remote-host-gone', node: 'cmp1', observer: 'ctl3', happens: (cluster) => cluster.kill('cmp1') },
  {
    recording: 'b3-remote-net-cut',
    node: 'cmp1',
    observer: 'ctl3',
    happens: (cluster, at) => {
      cluster.setNetwork('cmp1', 'cut');
      at(12_000, () => cluster.setNetwork('cmp1', 'connected'));
    },
  },
  {
    recording: 'c1-remote-blip-2s',
    node: 'cmp1',
    observer: 'ctl3',
    happens: (cluster, at) => {
      cluster.setNetwork('cmp1', 'cut');
      at(2_000, () => cluster.setNetwork('cmp1', 'connected'));
    },
  },
  {
    recording: 'd1-standby',
    node: 'cmp1',
    observer: 'ctl3',
    happens: (cluster, at) => {
      cluster.setStandby('cmp1', true);
      at(8_000, () => cluster.setStandby('cmp1', false));
    },
  },
  {
    recording: 'd2-maintenance',
    node: 'cmp1',
    observer: 'ctl3',
    happens: (cluster, at) => {
      cluster.setMaintenance('cmp1', true);
      at(8_000, () => cluster.setMaintenance('cmp1', false));
    },
  },
  {
    recording: 'd3-remote-disabled',
    node: 'cmp1',
    observer: 'ctl3',
    happens: (cluster, at) => {
      cluster.setConnection('cmp1', 'disabled');
      at(8_000, () => cluster.setConnection('cmp1', 'enabled'));
    },
  },
  {
    recording: 'd5-corosync-clean-stop',
    node: 'ctl2',
    observer: 'ctl1',
    happens: (cluster, at) => {
      cluster.shutdown('ctl2');
      at(10_000, () => cluster.powerOn('ctl2'));
    },
  },
  { recording: 'e1-manual-fence', node: 'cmp2', observer: 'ctl1', happens: (cluster) => cluster.fence('cmp2') },
  {
    recording: 'e2-fence-fails',
    node: 'cmp1',
    observer: 'ctl1',
    happens: (cluster) => {
      cluster.setBmc('cmp1', { kind: 'fail' });
      cluster.kill('cmp1');
    },
  },
  {
    recording: 'e3-fence-hangs',
    node: 'cmp1',
    observer: 'ctl1',
    idle: true,
    happens: (cluster, at) => {
      cluster.setBmc('cmp1', { kind: 'hang' });
      cluster.kill('cmp1');
      at(40_000, () => cluster.setBmc('cmp1', { kind: 'ok' }));
    },
  },
  {
    recording: 'e6-topology-partial-all-of-two',
    node: 'cmp1',
    observer: 'ctl1',
    happens: (cluster) => {
      cluster.setBmc('cmp1', { kind: 'partial' });
      cluster.crash('cmp1');
    },
  },
  {
    recording: 'e9-stonith-disabled-remote-killed',
    node: 'cmp1',
    observer: 'ctl1',
    happens: (cluster) => {
      cluster.setOption('stonithEnabled', false);
      cluster.kill('cmp1');
    },
  },
  {
    recording: 'f1-partition-minority-view',
    node: 'cmp1',
    observer: 'ctl1',
    happens: (cluster) => {
      cluster.setBmc('ctl1', { kind: 'fail' });
      cluster.split([['ctl1'], ['cmp1']]);
    },
  },
];

const MACHINES: readonly MachineSpec[] = [
  ...['ctl1', 'ctl2', 'ctl3'].map((name) => ({ name, kind: 'cluster' as const, isHost: false, bootMs: 1_500 })),
  ...['cmp1', 'cmp2', 'cmp3'].map((name) => ({ name, kind: 'remote' as const, isHost: true, bootMs: 1_500 })),
];

const QUIET: ClusterEvents = {
  say: () => undefined,
  changed: () => undefined,
  lost: () => undefined,
  powerLost: () => undefined,
  booted: () => undefined,
  networkChanged: () => undefined,
  up: () => undefined,
  fenced: () => undefined,
  isEngineAlive: () => true,
  startEngine: () => undefined,
  stopEngine: () => undefined,
};

/** Every picture that the simulator shows of the node, of any of some runs that differ by chance. */
async function simulated(event: Event, seed: number): Promise<readonly string[]> {
  const time = virtualTime(Date.UTC(2026, 10, 22));
  const machines = MACHINES.map((each) => ({ ...each, isIdle: event.idle === true && each.name === event.node }));
  const cluster = createCluster({ machines, timings: {} }, time, chanceFrom(seed), QUIET);
  const pictures: string[] = [];
  const look = (): void => {
    const partition = partitionOf(cluster.world, event.observer);
    if (partition !== undefined) {
      const snapshot = joinSnapshot({
        readAtMs: time.now(),
        localNode: event.observer,
        crmMon: crmMonOf(cluster.world, partition),
        cibNodes: cibNodesOf(cluster.world, partition),
        fenceHistory: historyOf(cluster.world, partition, event.observer),
      });
      pictures.push(picture(snapshot, event.node));
    }
    time.schedule(20, look);
  };
  look();
  time.schedule(1_000, () => {
    event.happens(cluster, (ms, act) => time.schedule(ms, act));
  });
  await time.run(90_000);
  return pictures.filter((each, index) => each !== pictures[index - 1]);
}

/** What the bridge reads of one node, in a line. */
function picture({ dc, fencings, nodes, quorate, options }: ClusterSnapshot, name: string): string {
  const node = nodes.get(name);
  if (node === undefined) return 'not listed';
  const { connection, maintenance, online, pending, shutdown, standby, unclean } = node;
  const flags = Object.entries({ unclean, pending, standby, maintenance, shutdown }).flatMap(([word, is]) =>
    is ? word : [],
  );
  const newest = fencings.find(({ target }) => target === name);
  return [
    dc === undefined ? 'no DC' : quorate ? 'quorum' : 'no quorum',
    options.stonithEnabled ? '' : 'no fencing',
    online ? 'online' : 'offline',
    ...flags,
    connection === undefined
      ? ''
      : `${connection.role}${connection.failed ? ' failed' : ''}${connection.active ? '' : ' inactive'}`,
    connection?.targetRole === undefined ? '' : `wanted ${connection.targetRole}`,
    newest === undefined ? '' : `fencing ${newest.action} ${newest.status}`,
  ]
    .filter((word) => word !== '')
    .join(', ');
}

/** The recorded pictures that are missing, in their order, from the simulated ones. */
function missing(recorded: readonly string[], shown: readonly string[]): readonly string[] {
  let at = 0;
  return recorded.filter((wanted) => {
    const found = shown.indexOf(wanted, at);
    if (found === -1) return true;
    at = found;
    return false;
  });
}

describe('the simulated cluster shows what a real one showed', () => {
  it.each(EVENTS)('$recording', async (event) => {
    const recorded = recordedRuns(event.recording)
      .at(-1)
      ?.map((snapshot) => picture(snapshot, event.node))
      .filter((each, index, all) => each !== all[index - 1]);
    expect(recorded?.length).toBeGreaterThan(0);
    const runs = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((seed) => simulated(event, seed)));
    const best = runs
      .map((shown) => ({ shown, left: missing(recorded ?? [], shown) }))
      .sort((a, b) => a.left.length - b.left.length)[0];
    expect(best?.left, `of the simulator’s ${JSON.stringify(best?.shown, undefined, 1)}`).toEqual([]);
  });
});
