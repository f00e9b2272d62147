import { describe, expect, it } from 'vitest';
import { LifeboatError } from '../../../src/errors.ts';
import { repeat } from '../../../src/openstack/repeat.ts';
import { DEFAULT_TIMINGS } from '../../../src/openstack/timings.ts';
import type { Reply } from '../../../src/openstack/failure.ts';
import { virtualClock } from '../../support/virtual-clock.ts';
import { recordingLogger } from './stage.ts';

const reply = (status: number, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers,
  body: {},
  form: 'json',
});

/** Runs one call whose outcomes are given, and tells when each try began. */
async function tries(outcomes: readonly (Reply | Error)[], timings = {}, chance = 1): Promise<readonly number[]> {
  const clock = virtualClock();
  const patience = {
    clock,
    randomness: { next: () => chance, uuid: () => '' },
    logger: recordingLogger([]),
    timings: { ...DEFAULT_TIMINGS, attempts: 10, backoffMs: 100, maxBackoffMs: 1_000, budgetMs: 10_000, ...timings },
  };
  const at: number[] = [];
  const done = repeat(patience, 'ask', undefined, async () => {
    const outcome = outcomes[at.length] ?? outcomes.at(-1);
    at.push(clock.monotonic());
    if (outcome instanceof Error) throw outcome;
    return outcome ?? reply(200);
  }).catch(() => undefined);
  await clock.advance(100_000);
  await done;
  return at;
}

describe('repeating', () => {
  it('doubles the pause up to its ceiling', async () => {
    expect(await tries([503, 503, 503, 503, 503, 503, 200].map((status) => reply(status)))).toEqual([
      0, 100, 300, 700, 1_500, 2_500, 3_500,
    ]);
  });

  it('leaves half of the pause to chance', async () => {
    expect(await tries([reply(500), reply(500), reply(200)], {}, 0)).toEqual([0, 50, 150]);
  });

  it('waits as long as Retry-After asks, in seconds or until a date', async () => {
    expect(await tries([reply(429, { 'retry-after': '3' }), reply(200)])).toEqual([0, 3_000]);
    const date = new Date(virtualClock().now() + 4_000).toUTCString();
    expect(await tries([reply(503, { 'retry-after': date }), reply(200)])).toEqual([0, 4_000]);
  });

  it('gives up at once when Retry-After asks for more than the budget', async () => {
    expect(await tries([reply(503, { 'retry-after': '11' })])).toEqual([0]);
  });

  it('ends with the budget of time or of attempts, whichever comes first', async () => {
    expect(await tries([reply(503)], { budgetMs: 700 })).toEqual([0, 100, 300, 700]);
    expect(await tries([reply(503)], { attempts: 2 })).toEqual([0, 100]);
  });

  it('repeats an unreachable or silent server, and no other error', async () => {
    const unreachable = new LifeboatError('CLOUD_UNREACHABLE', 'x');
    const silent = new LifeboatError('CLOUD_TIMED_OUT', 'x');
    expect(await tries([unreachable, silent, reply(200)])).toHaveLength(3);
    expect(await tries([new LifeboatError('CLOUD_TLS', 'x')])).toHaveLength(1);
    expect(await tries([new TypeError('a bug')])).toHaveLength(1);
  });

  it('stops in the middle of a pause when the caller gives up', async () => {
    const clock = virtualClock();
    const abort = new AbortController();
    const patience = {
      clock,
      randomness: { next: () => 1, uuid: () => '' },
      logger: recordingLogger([]),
      timings: DEFAULT_TIMINGS,
    };
    const done = repeat(patience, 'ask', abort.signal, async () => reply(503));
    await clock.settle();
    abort.abort(new Error('deposed'));
    await expect(done).rejects.toThrow('deposed');
  });
});
