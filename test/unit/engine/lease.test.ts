import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Lease } from '../../../src/engine/lease.ts';
import { openSqliteStore } from '../../../src/engine/store/sqlite-store.ts';
import type { Store } from '../../../src/engine/store/store.ts';
import { LifeboatError } from '../../../src/errors.ts';
import { leaseOf } from '../../support/lease.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { virtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

const DURATION_MS = 15_000;

describe('the lease of an engine', () => {
  let directory = '';
  let clock: VirtualClock;
  /** How far the store's clock is from ours. */
  let skewMs = 0;
  let processes = 0;
  const closing: Store[] = [];
  const stopping: AbortController[] = [];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lifeboat-lease-'));
    clock = virtualClock();
    skewMs = 0;
    processes = 0;
  });
  afterEach(async () => {
    for (const stop of stopping.splice(0)) stop.abort(new Error('the test has ended'));
    for (const store of closing.splice(0)) await store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const openStore = async (): Promise<Store> => {
    const store = await openSqliteStore(join(directory, 'engine.db'), recordingLogger(), () => clock.now() + skewMs);
    closing.push(store);
    return store;
  };
  const engineOf = async (
    node: string,
    { store, isGone = false }: { readonly store?: Store; readonly isGone?: boolean } = {},
  ) => {
    const logger = recordingLogger();
    const lease = leaseOf({
      store: store ?? (await openStore()),
      clock,
      logger,
      holder: `${node} ${(processes += 1)}`,
      isGone: () => isGone,
      durationMs: DURATION_MS,
    });
    const stop = new AbortController();
    stopping.push(stop);
    const running = { lease, stop, logger, taken: false };
    lease
      .acquire(stop.signal)
      .then(() => {
        running.taken = true;
        return lease.keep(stop.signal);
      })
      .catch(() => undefined);
    await clock.advance(0);
    return running;
  };
  const mayAct = (lease: Lease): boolean => {
    try {
      lease.check();
      return true;
    } catch {
      return false;
    }
  };

  it('allows to act from when it was taken, and for as long as it is renewed', async () => {
    const { lease } = await engineOf('ctl1');
    expect(lease.epoch).toBe(1);
    for (let second = 0; second < 120; second += 1) {
      expect(mayAct(lease)).toBe(true);
      await clock.advance(1_000);
    }
  });

  it('ends a fifth of its time before the store would give it to another, reckoned from before it was asked for', async () => {
    const store = await openStore();
    let isAway = false;
    const slow: Store = {
      ...store,
      takeLease: async (claim) => {
        // The answer takes four seconds.
        const answer = await store.takeLease(claim);
        await new Promise<void>((resolve) => clock.schedule(4_000, resolve));
        return answer;
      },
      renewLease: async (durationMs) => {
        if (isAway) throw new LifeboatError('STORE_UNUSABLE', 'the store does not answer: away');
        return store.renewLease(durationMs);
      },
    };
    const { lease } = await engineOf('ctl1', { store: slow });
    isAway = true;
    await clock.advance(4_000);
    expect(mayAct(lease)).toBe(true);
    await clock.advance(DURATION_MS * 0.8 - 4_000 - 1);
    expect(mayAct(lease)).toBe(true);
    await clock.advance(1);
    expect(() => lease.check()).toThrow(LifeboatError);
    expect(lease.hold()).toMatchObject({ kind: 'store-unusable', reason: expect.stringContaining('away') as string });
    isAway = false;
    await clock.advance(2_000);
    expect(mayAct(lease), 'it goes on by itself').toBe(true);
    expect(lease.epoch).toBe(1);
  });

  it('does not outlast a wall clock that went on while the machine stood still', async () => {
    const { lease } = await engineOf('ctl1');
    clock.jump(60_000);
    expect(() => lease.check()).toThrow(/stood still/);
    await clock.advance(DURATION_MS / 3);
    expect(mayAct(lease)).toBe(true);
  });

  it('is not shortened or prolonged by a wall clock that is set back', async () => {
    const { lease } = await engineOf('ctl1');
    clock.jump(-3_600_000);
    expect(mayAct(lease)).toBe(true);
    await clock.advance(60_000);
    expect(mayAct(lease)).toBe(true);
  });

  it('is waited for while another engine has it, which is told, and taken when it has run out', async () => {
    const first = await engineOf('ctl1');
    const second = await engineOf('ctl2');
    await clock.advance(60_000);
    expect(second.taken).toBe(false);
    expect(second.lease.hold()).toMatchObject({
      kind: 'no-lease',
      reason: expect.stringMatching(/^the engine of ctl1 holds the lease for \d+ s more/) as string,
    });
    expect(mayAct(second.lease)).toBe(false);
    first.stop.abort(new Error('its power was cut'));
    await clock.advance(DURATION_MS + 1_000);
    expect(second.taken).toBe(true);
    expect(second.lease.epoch).toBe(2);
  });

  it('never allows two engines to act at one time, wherever the first one freezes', async () => {
    for (let frozenAtMs = 0; frozenAtMs <= DURATION_MS; frozenAtMs += 500) {
      const store = await openSqliteStore(join(directory, `${frozenAtMs}.db`), recordingLogger(), () => clock.now());
      const nextStore = await openSqliteStore(join(directory, `${frozenAtMs}.db`), recordingLogger(), () =>
        clock.now(),
      );
      closing.push(store, nextStore);
      const first = await engineOf('ctl1', { store });
      const second = await engineOf('ctl2', { store: nextStore });
      await clock.advance(frozenAtMs);
      first.stop.abort(new Error('it is frozen, and renews nothing'));
      for (let waitedMs = 0; waitedMs < 2 * DURATION_MS; waitedMs += 250) {
        expect(mayAct(first.lease) && mayAct(second.lease)).toBe(false);
        await clock.advance(250);
      }
      expect(mayAct(second.lease)).toBe(true);
      second.stop.abort(new Error('on to the next'));
    }
  });

  it('is lost when another engine has taken it: told at the first write, and there is no way back', async () => {
    const store = await openStore();
    const { lease } = await engineOf('ctl1', { store });
    const lost: string[] = [];
    lease.onLost(() => lost.push('lost'));
    const answer = await (
      await openStore()
    ).takeLease({
      holder: 'ctl2 1',
      durationMs: DURATION_MS,
      evenIf: { epoch: 1, sign: 1 },
    });
    expect(answer.kind).toBe('taken');
    await clock.advance(DURATION_MS / 3);
    expect(lost).toEqual(['lost']);
    expect(lease.isLost).toBe(true);
    expect(() => lease.check()).toThrow(expect.objectContaining({ code: 'LEASE_LOST' }));
    expect(lease.hold()?.reason).toContain('the engine of ctl2 has taken it (epoch 2)');
    await clock.advance(120_000);
    expect(lease.isLost).toBe(true);
  });

  it('is taken at once from a process that has certainly ended', async () => {
    const first = await engineOf('ctl1');
    first.stop.abort(new Error('killed'));
    const second = await engineOf('ctl1', { isGone: true });
    expect(second.taken).toBe(true);
    expect(second.lease.epoch).toBe(2);
  });

  it('is taken from a silent holder though the clock of the store was set back by hours', async () => {
    const first = await engineOf('ctl1');
    first.stop.abort(new Error('its power was cut'));
    skewMs = -7_200_000;
    const second = await engineOf('ctl2');
    await clock.advance(DURATION_MS - 2_000);
    expect(second.taken).toBe(false);
    await clock.advance(4_000);
    expect(second.taken).toBe(true);
  });

  it('is not taken from a living holder, though the clock of the store was set back by hours', async () => {
    await engineOf('ctl1');
    skewMs = -7_200_000;
    const second = await engineOf('ctl2');
    await clock.advance(10 * DURATION_MS);
    expect(second.taken).toBe(false);
  });

  it('is waited for as long as the store does not answer, and says why', async () => {
    const store = await openStore();
    let isAway = true;
    const away: Store = {
      ...store,
      takeLease: async (claim) => {
        if (isAway) throw new LifeboatError('STORE_UNUSABLE', 'the store does not answer: connect ECONNREFUSED');
        return store.takeLease(claim);
      },
    };
    const { lease, logger } = await engineOf('ctl1', { store: away });
    await clock.advance(600_000);
    expect(lease.hold()).toMatchObject({ kind: 'store-unusable' });
    expect(logger.lines.filter((line) => line.includes('ECONNREFUSED'))).toHaveLength(1);
    isAway = false;
    await clock.advance(1_000);
    expect(mayAct(lease)).toBe(true);
  });

  it('that was given back is there for the next engine at once', async () => {
    const first = await engineOf('ctl1');
    first.stop.abort(new Error('stopping'));
    await first.lease.release();
    expect(mayAct(first.lease)).toBe(false);
    const second = await engineOf('ctl2');
    expect(second.taken).toBe(true);
  });
});
