import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/edge/clock.ts';
import { newRecovery } from '../../../src/engine/rebuild.ts';
import type { Recover } from '../../../src/engine/recover.ts';
import { Releases } from '../../../src/engine/releases.ts';
import { memoryDisk, memoryStore } from '../../../src/engine/store/memory-store.ts';
import { LifeboatError } from '../../../src/errors.ts';
import type { Cloud } from '../../../src/openstack/cloud.ts';
import { chanceFrom } from '../../../src/simulation/chance.ts';
import { eventually } from '../../support/eventually.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { fencing } from '../../support/snapshots.ts';
import { virtualClock } from '../../support/virtual-clock.ts';
import { engineBench, proofOf, proven, untilRecovery, up } from './bench.ts';

/** Each of these went wrong in a random run before it was mended. */

describe('an engine whose disk does not take the end of a recovery', () => {
  it.concurrent('gives the host back only once that is written (S4, S6)', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 1 });
    await bench.emulator.killHost('cmp1');
    let isFull = true;
    const inner = memoryStore(memoryDisk(), systemClock);
    const store = {
      ...inner,
      saveRecovery: async (recovery: Parameters<typeof inner.saveRecovery>[0]) => {
        if (isFull && recovery.state === 'recovered') throw new Error('database or disk is full');
        await inner.saveRecovery(recovery);
      },
    };
    const running = await bench.start({ store });
    const proof = proofOf('cmp1');
    await eventually('it stumbles', async () => {
      await running.see([proven('cmp1', proof)]);
      return bench.logger.lines.some((line) => line.includes('stumbled'));
    });
    await bench.emulator.returnHost('cmp1');
    await running.see([up('cmp1')]);
    expect((await bench.emulator.state()).hosts.find(({ name }) => name === 'cmp1')?.forcedDown).toBe(true);
    isFull = false;
    await untilRecovery(running, 'cmp1', 'released', [up('cmp1')]);
    await running.stop();
  });
});

describe('an engine that could not write a failure down', () => {
  it.concurrent('tells of it when the host is back, and opens its gate', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 1 });
    const inner = memoryStore(memoryDisk(), systemClock);
    const store = { ...inner, addRecovery: () => Promise.reject(new Error('database or disk is full')) };
    const running = await bench.start({ store });
    const proof = proofOf('cmp1');
    await running.see([proven('cmp1', proof)]);
    expect(running.engine.gateOf('cmp1', 'nova-compute').gate).toBe('closed');
    await running.see([up('cmp1')]);
    expect(running.missed.map(({ node, reason }) => [node, reason])).toEqual([
      ['cmp1', expect.stringContaining('could not be written down (database or disk is full), and it is up again')],
    ]);
    expect(running.engine.gateOf('cmp1', 'nova-compute').gate).toBe('open');
    await running.see([up('cmp1')]);
    expect(running.missed, 'once').toHaveLength(1);
    await running.stop();
  });
});

describe('an engine that finds a host down whose fencing proves nothing any more', () => {
  it.concurrent('tells what was cut off as soon as the host is up', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 2 });
    const completedAtMs = Math.ceil(Date.now() / 1000 + 1) * 1000;
    const record = fencing('cmp1', completedAtMs, { delegate: 'ctl2' });
    const snapshot = { fencings: [record], readAtMs: completedAtMs + 1 };
    const running = await bench.start();
    await running.see(
      [{ state: 'hands-off', node: 'cmp1', host: 'cmp1', reason: 'it was shut down cleanly' }],
      snapshot,
    );
    await eventually('it is told', async () => {
      await running.see([up('cmp1')], snapshot);
      return running.missed.length > 0;
    });
    expect(running.missed[0]?.reason).toContain('2 instances on it were cut off');
    await running.stop();
  });
});

describe('an engine that is killed while it tells what was cut off', () => {
  it.concurrent('has told it, or the next one does', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 2 });
    const completedAtMs = Math.ceil(Date.now() / 1000 + 1) * 1000;
    const snapshot = { fencings: [fencing('cmp1', completedAtMs, { delegate: 'ctl2' })], readAtMs: completedAtMs + 1 };
    const disk = memoryDisk();
    const inner = memoryStore(disk, systemClock);
    const never = new Promise<never>(() => undefined);
    let isKilled = false;
    const store = {
      ...inner,
      addNotification: async (...all: Parameters<typeof inner.addNotification>) => {
        await inner.addNotification(...all);
        isKilled = true;
        return never;
      },
    };
    const doomed = await bench.start({ store });
    await eventually('it is killed', async () => {
      await doomed.see([up('cmp1')], snapshot);
      return isKilled;
    });
    expect(doomed.missed).toHaveLength(1);
    void doomed.engine.stop();
  });
});

describe('a second fencing during a recovery', () => {
  it.concurrent('is not taken for answered when the engine dies between its two writes', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 2, options: { spawnMs: 5_000 } });
    await bench.emulator.killHost('cmp1');
    const disk = memoryDisk();
    const inner = memoryStore(disk, systemClock);
    const never = new Promise<never>(() => undefined);
    // As a kill would: the first write of the second fencing is the last thing that happens.
    let writes = 0;
    let isArmed = false;
    const last = <T>(write: () => Promise<T>): Promise<T> => (isArmed && ++writes > 1 ? never : write());
    const store = {
      ...inner,
      addNotification: (...all: Parameters<typeof inner.addNotification>) => last(() => inner.addNotification(...all)),
      saveRecovery: (...all: Parameters<typeof inner.saveRecovery>) => last(() => inner.saveRecovery(...all)),
    };
    const first = proofOf('cmp1', Date.now());
    const second = proofOf('cmp1', Date.now() + 10_000);
    const doomed = await bench.start({ store });
    await untilRecovery(doomed, 'cmp1', 'evacuating', [proven('cmp1', first)]);
    isArmed = true;
    void doomed.see([proven('cmp1', second)]);
    await eventually('it is dead', () => writes > 1);
    const next = await bench.start({ store: inner });
    await next.see([proven('cmp1', second)]);
    const open = next.engine.recoveries.filter(({ recovery }) => recovery.state === 'evacuating');
    expect(open.map(({ recovery }) => recovery.proof.id)).toEqual([second.id]);
    await next.stop();
    void doomed.engine.stop();
  });
});

describe('a host that is being given back', () => {
  const recovery = {
    ...newRecovery(
      { host: 'cmp1', node: 'cmp1', proof: proofOf('cmp1'), lostSinceMs: 1, now: 2 },
      chanceFrom('release'),
    ).recovery,
    state: 'recovered' as const,
    isolation: { serviceId: 's', wasDisabled: false, baselineUpdatedAtMs: 1, baselineReadAtMs: 1 },
  };
  const run = { recovery, end: async () => undefined } as unknown as Recover;
  const releases = (cloud: Partial<Cloud>): Releases =>
    new Releases({
      cloud: cloud as Cloud,
      clock: virtualClock(),
      logger: recordingLogger(),
      limits: { releaseRetryMs: 0 },
      mayRelease: () => true,
    });

  it('may be in service from the moment when that begins: Nova may hold its answer back', async () => {
    const given = releases({ setForcedDown: () => new Promise(() => undefined) });
    expect(given.mayBeInService('cmp1')).toBe(false);
    void given.settle([run]);
    expect(given.mayBeInService('cmp1')).toBe(true);
  });

  it('may be in service when the answer was lost, and is not when Nova has refused', async () => {
    const lost = releases({ setForcedDown: () => Promise.reject(new LifeboatError('CLOUD_TIMED_OUT', 'no answer')) });
    await lost.settle([run]);
    expect(lost.mayBeInService('cmp1')).toBe(true);
    const refused = releases({ setForcedDown: () => Promise.reject(new LifeboatError('CLOUD_BAD_REQUEST', 'dirty')) });
    await refused.settle([run]);
    expect(refused.mayBeInService('cmp1')).toBe(false);
  });

  it('is down again when it has failed anew', async () => {
    const lost = releases({ setForcedDown: () => Promise.reject(new LifeboatError('CLOUD_TIMED_OUT', 'no answer')) });
    await lost.settle([run]);
    await lost.interrupt('cmp1');
    expect(lost.mayBeInService('cmp1')).toBe(false);
  });
});
