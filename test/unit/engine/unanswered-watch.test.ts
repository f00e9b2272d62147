import { describe, expect, it } from 'vitest';
import type { Missed } from '../../../src/bridge/decision.ts';
import type { ClusterSnapshot, Fencing } from '../../../src/crm/snapshot.ts';
import { Services } from '../../../src/engine/services.ts';
import { memoryDisk, memoryStore } from '../../../src/engine/store/memory-store.ts';
import { UnansweredWatch } from '../../../src/engine/unanswered-watch.ts';
import type { Cloud, Instance } from '../../../src/openstack/cloud.ts';
import { chanceFrom } from '../../../src/simulation/chance.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { virtualClock } from '../../support/virtual-clock.ts';
import { proven, SNAPSHOT, up } from './bench.ts';

const FIRST_LOOK_MS = 1_000_000;

describe('fencings that no engine answered', () => {
  const cutOff: Partial<Instance> = { vmState: 'active', createdAtMs: 1 };
  const cloud = {
    evacuationsFrom: async () => [],
    instancesOn: async () => [cutOff],
    computeServices: async () => [],
  } as unknown as Cloud;

  const watch = async (disk = memoryDisk()) => {
    const clock = virtualClock({ nowMs: FIRST_LOOK_MS });
    const logger = recordingLogger();
    const store = memoryStore(disk, { now: () => clock.now() });
    await store.takeLease({ holder: 'ctl1 test', durationMs: 3_600_000 });
    const missed: Missed[] = [];
    const unanswered = new UnansweredWatch({
      cloud,
      clock,
      store,
      randomness: chanceFrom('unanswered'),
      services: new Services(cloud, clock, logger, () => undefined),
      onMissed: (what) => missed.push(what),
    });
    const see = (fencings: readonly Fencing[], verdicts = [up('cmp1')]): Promise<void> =>
      unanswered.tell({ ...SNAPSHOT, readAtMs: clock.now(), fencings } satisfies ClusterSnapshot, verdicts);
    return { clock, missed, see };
  };
  const fencing = (completedAtMs: number): Fencing => ({
    target: 'cmp1',
    action: 'reboot',
    status: 'success',
    client: 'pacemaker-controld.1',
    origin: 'ctl1',
    delegate: 'ctl2',
    completedAtMs,
    exitReason: undefined,
  });

  it('are told at the first look, whatever the clock of who fenced', async () => {
    const { missed, see } = await watch();
    await see([fencing(FIRST_LOOK_MS + 5_000)]);
    expect(missed.map(({ node }) => node)).toEqual(['cmp1']);
  });

  it('are told by the next engine too, for what the last one has shown went with it', async () => {
    const disk = memoryDisk();
    for (const engine of ['first', 'second']) {
      const { missed, see } = await watch(disk);
      await see([fencing(FIRST_LOOK_MS - 5_000)]);
      expect([engine, missed.length]).toEqual([engine, 1]);
    }
    expect(disk.notifications.size).toBe(1);
  });

  it('are told when the history comes later, for a controller that has just joined lists none', async () => {
    const { clock, missed, see } = await watch();
    await see([]);
    for (let seconds = 0; seconds < 20; seconds += 1) {
      await clock.advance(1_000);
      await see([fencing(FIRST_LOOK_MS - 60_000)]);
    }
    expect(missed.map(({ node }) => node)).toEqual(['cmp1']);
  });

  it('are none when the fencing came after the first look: that one is answered, or missed, under our eyes', async () => {
    const { clock, missed, see } = await watch();
    await see([]);
    await clock.advance(30_000);
    await see([fencing(FIRST_LOOK_MS + 20_000)]);
    await clock.advance(30_000);
    await see([fencing(FIRST_LOOK_MS + 20_000)]);
    expect(missed).toEqual([]);
  });

  it('are none when the node is seen down soon after: the clock of who fenced is behind', async () => {
    const { clock, missed, see } = await watch();
    await see([]);
    await clock.advance(5_000);
    await see([fencing(FIRST_LOOK_MS - 1_000)]);
    await clock.advance(2_000);
    await see([fencing(FIRST_LOOK_MS - 1_000)], [proven('cmp1')]);
    await clock.advance(60_000);
    await see([fencing(FIRST_LOOK_MS - 1_000)]);
    expect(missed).toEqual([]);
  });
});
