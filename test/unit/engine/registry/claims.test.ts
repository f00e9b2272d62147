import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../../src/bridge/verdict.ts';
import { systemRandomness } from '../../../../src/edge/randomness.ts';
import { newRecovery } from '../../../../src/engine/rebuild.ts';
import type { Recovery } from '../../../../src/engine/recovery.ts';
import { proofOf, proven } from '../bench.ts';
import { registryBench, reportOf, T0, withSegment, type RegistryBench } from './bench.ts';

const PATIENCE_MS = 600_000;

const UP: Verdict = { state: 'up', node: 'cmp1', host: 'cmp1' };
const LOST: Verdict = {
  state: 'lost',
  node: 'cmp1',
  host: 'cmp1',
  lostSinceMs: T0,
  hold: { kind: 'fencing-failed', reason: 'fencing (off) failed', remedy: 'see to the power of cmp1' },
};

const reported = async (): Promise<{ readonly bench: RegistryBench; readonly uuid: string }> => {
  const bench = await registryBench();
  const entry = await bench.registry.notify(reportOf('cmp1'));
  expect(entry.status).toBe('new');
  expect(entry.message).toBe('cmp1 is reported down by a monitor; waits for Pacemaker to fence it');
  expect(bench.looks, 'it is time to look').toBe(1);
  return { bench, uuid: entry.uuid };
};

const standing = async ({ registry }: RegistryBench, uuid: string): Promise<readonly (string | undefined)[]> => {
  const { message, status } = await registry.notification(uuid);
  return [status, message];
};

const recoveryOf = async (bench: RegistryBench, more: Partial<Recovery> = {}): Promise<Recovery> => {
  const { notification, recovery } = newRecovery(
    { host: 'cmp1', node: 'cmp1', proof: proofOf('cmp1', T0), lostSinceMs: T0 - 1_000, now: T0 },
    systemRandomness,
  );
  await bench.store.addRecovery(notification, recovery);
  const saved = { ...recovery, ...more };
  await bench.store.saveRecovery({ ...recovery, state: 'recovered', reason: '3 of 3' });
  await bench.store.saveRecovery(saved);
  return saved;
};

describe('a monitor’s word that a host is down', () => {
  it('begins nothing: it waits for a fencing, and says for what (S1)', async () => {
    const { bench, uuid } = await reported();
    bench.verdicts = [LOST];
    await bench.claims.settle();
    expect(await standing(bench, uuid)).toEqual([
      'running',
      'cmp1 is reported down by a monitor; waits for Pacemaker to fence it: fencing (off) failed; see to the power of cmp1',
    ]);
    expect(bench.disk.recoveries.size).toBe(0);
    expect(bench.disk.notifications.size).toBe(0);
  });

  it('is written when something new is to be told, and not with every look', async () => {
    const { bench, uuid } = await reported();
    bench.verdicts = [LOST];
    await bench.claims.settle();
    const { updatedAtMs } = await bench.registry.notification(uuid);
    bench.pass(5_000);
    await bench.claims.settle();
    expect((await bench.registry.notification(uuid)).updatedAtMs).toBe(updatedAtMs);
  });

  it('ends as failed when the host is not proven down in time, with what Pacemaker said of it', async () => {
    const { bench, uuid } = await reported();
    bench.verdicts = [LOST];
    bench.pass(PATIENCE_MS - 1);
    await bench.claims.settle();
    expect((await standing(bench, uuid))[0]).toBe('running');
    bench.pass(1);
    await bench.claims.settle();
    expect(await standing(bench, uuid)).toEqual([
      'failed',
      'cmp1 is reported down by a monitor, and was not proven down within 600 s, so nothing was evacuated: fencing (off) failed; see to the power of cmp1',
    ]);
    expect(bench.disk.recoveries.size).toBe(0);
  });

  it('ends when the host is seen up after it was lost', async () => {
    const { bench, uuid } = await reported();
    bench.verdicts = [UP];
    await bench.claims.settle();
    expect((await standing(bench, uuid))[0], 'the monitor may know it before Pacemaker does').toBe('running');
    bench.verdicts = [LOST];
    await bench.claims.settle();
    bench.verdicts = [UP];
    await bench.claims.settle();
    expect(await standing(bench, uuid)).toEqual([
      'ignored',
      'cmp1 is up again and was not fenced: nothing was evacuated',
    ]);
  });

  it('ends as ignored when Pacemaker saw the host up all the time', async () => {
    const { bench, uuid } = await reported();
    bench.verdicts = [UP];
    bench.pass(PATIENCE_MS);
    await bench.claims.settle();
    expect((await standing(bench, uuid))[0]).toBe('ignored');
  });

  it('of a host that is no node of the cluster says what to do', async () => {
    const { bench, uuid } = await reported();
    await bench.claims.settle();
    expect((await standing(bench, uuid))[0]).toBe('running');
    bench.pass(PATIENCE_MS);
    await bench.claims.settle();
    const [status, message] = await standing(bench, uuid);
    expect(status).toBe('failed');
    expect(message).toContain('hosts.map');
  });

  it('is ignored when the host is in the hands of an administrator, or its segment was disabled since (S8)', async () => {
    const { bench, uuid } = await reported();
    bench.verdicts = [{ state: 'hands-off', node: 'cmp1', host: 'cmp1', reason: 'cmp1 is in standby' }];
    await bench.claims.settle();
    expect((await standing(bench, uuid)).join()).toContain('ignored,cmp1 is reported down by a monitor, and its node');

    const other = await registryBench();
    const { segment } = await withSegment(other, 'a', ['cmp1']);
    await other.store.addNotice({ ...(await sampleNotice(other, segment.uuid)), uuid: 'waits' });
    await other.claims.load();
    await other.known.change(() => other.store.saveSegment({ ...segmentWithout(segment.uuid), enabled: false }));
    other.verdicts = [LOST];
    await other.claims.settle();
    expect((await standing(other, 'waits')).join()).toContain('ignored,nothing is done: cmp1 is in the segment a');
  });

  it.each(['accepted', 'evacuating', 'held', 'recovered', 'failed'] as const)(
    'is joined to the recovery of its failure that is %s, and follows it',
    async (state) => {
      const { bench, uuid } = await reported();
      bench.verdicts = [LOST];
      await bench.claims.settle();
      const recovery = await recoveryOf(bench, {
        state,
        endedAtMs: ['recovered', 'failed'].includes(state) ? T0 + 1 : undefined,
      });
      bench.recoveries = [recovery];
      await bench.claims.settle();
      const own = await bench.registry.notification(recovery.notificationId);
      expect(await standing(bench, uuid)).toEqual([own.status, own.message]);
      await bench.store.saveRecovery({ ...recovery, state: 'failed', reason: '2 of 3' });
      expect(await standing(bench, uuid)).toEqual(['failed', '2 of 3']);
      bench.recoveries = [];
      bench.pass(PATIENCE_MS);
      await bench.claims.settle();
      expect(await standing(bench, uuid), 'it waits no more').toEqual(['failed', '2 of 3']);
      expect(bench.disk.recoveries.size, 'one failure, one recovery').toBe(1);
    },
  );

  it('that comes when the host was given back already takes the end of that recovery', async () => {
    const { bench, uuid } = await reported();
    bench.recoveries = [await recoveryOf(bench, { state: 'released', releasedAtMs: T0 + 1 })];
    bench.verdicts = [UP];
    await bench.claims.settle();
    expect(await standing(bench, uuid)).toEqual(['finished', '3 of 3']);
  });

  it('that comes late is joined as long as the host was not seen back, and else it may be of the next failure', async () => {
    const { bench, uuid } = await reported();
    bench.recoveries = [await recoveryOf(bench, { state: 'recovered', reason: '3 of 3', endedAtMs: T0 - 1 })];
    bench.verdicts = [LOST];
    await bench.claims.settle();
    expect((await standing(bench, uuid))[0], 'it was lost again').toBe('running');
    bench.verdicts = [UP];
    await bench.claims.settle();
    expect((await standing(bench, uuid))[0], 'and is back').toBe('ignored');

    const still = await reported();
    still.bench.recoveries = [
      await recoveryOf(still.bench, { state: 'recovered', reason: '3 of 3', endedAtMs: T0 - 1 }),
    ];
    still.bench.verdicts = [proven('cmp1', proofOf('cmp1', T0))];
    await still.bench.claims.settle();
    expect(await standing(still.bench, still.uuid)).toEqual(['finished', '3 of 3']);
  });

  it.each([
    ['was over before', { state: 'released', releasedAtMs: T0 - 1 }],
    ['began long after', { state: 'released', lostSinceMs: T0 + PATIENCE_MS + 1, releasedAtMs: T0 + 9_000_000 }],
    ['was closed by somebody else', { state: 'superseded', endedAtMs: T0 - 1 }],
  ] as const)('is not joined to a recovery that %s', async (_what, more) => {
    const { bench, uuid } = await reported();
    bench.recoveries = [await recoveryOf(bench, more)];
    bench.verdicts = [LOST];
    await bench.claims.settle();
    expect((await standing(bench, uuid))[0]).toBe('running');
  });

  it('is taken up by the next engine', async () => {
    const { bench, uuid } = await reported();
    const next = await registryBench({ disk: bench.disk });
    next.verdicts = [LOST];
    next.pass(PATIENCE_MS);
    await next.claims.settle();
    expect((await standing(next, uuid))[0]).toBe('failed');
  });

  it('is no duplicate of what the bridge has proven: it is joined', async () => {
    const bench = await registryBench();
    const recovery = await recoveryOf(bench, { state: 'evacuating' });
    bench.recoveries = [recovery];
    const { uuid } = await bench.registry.notify(reportOf('cmp1'));
    await bench.claims.settle();
    expect((await standing(bench, uuid))[0]).toBe('running');
    await expect(bench.registry.notify(reportOf('cmp1')), 'but of its own').rejects.toMatchObject({
      code: 'REGISTRY_CONFLICT',
    });
  });
});

async function sampleNotice(bench: RegistryBench, segmentUuid: string) {
  const [host] = await bench.store.listHosts({ where: [], order: [{ column: 'number', direction: 'asc' }] });
  return {
    origin: 'report',
    type: 'COMPUTE_HOST',
    host: 'cmp1',
    sourceHostUuid: host?.uuid ?? '',
    segmentUuid,
    payload: { event: 'STOPPED' },
    generatedAtMs: T0,
    status: 'new',
    message: undefined,
    recoveryId: undefined,
    work: undefined,
  } as const;
}

function segmentWithout(uuid: string) {
  return {
    uuid,
    name: 'a',
    description: undefined,
    serviceType: 'compute',
    recoveryMethod: 'auto',
    enabled: true,
    declared: false,
  } as const;
}
