import { describe, expect, it } from 'vitest';
import type { ClusterSnapshot } from '../../../src/crm/snapshot.ts';
import type { ClusterWatch, WatchOptions } from '../../../src/crm/watch.ts';
import { watchCluster } from '../../../src/crm/watch.ts';
import { LifeboatError } from '../../../src/errors.ts';
import type { LogFields } from '../../../src/ports.ts';
import { sleep } from '../../../src/ports.ts';
import type { VirtualClock } from '../../support/virtual-clock.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

interface Scene {
  readonly clock: VirtualClock;
  readonly watch: ClusterWatch;
  /** What happened, each with its second. */
  readonly seen: string[];
  readonly logged: string[];
  /** How long a reading takes, and how the next ones end. */
  readonly readings: { durationMs: number; failures: Error[]; inFlight: number; mostInFlight: number };
}

function scene(change: Partial<WatchOptions> = {}): Scene {
  const clock = virtualClock({ nowMs: 0 });
  const seen: string[] = [];
  const logged: string[] = [];
  const readings: Scene['readings'] = { durationMs: 100, failures: [], inFlight: 0, mostInFlight: 0 };
  const note = (what: string): void => void seen.push(`${clock.now() / 1000} ${what}`);
  const log =
    (level: string) =>
    (_: LogFields, message: string): void =>
      void logged.push(`${level} ${message}`);

  const watch = watchCluster({
    clock,
    logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    pollIntervalMs: 5000,
    cluster: {
      read: async (signal) => {
        const readAtMs = clock.now();
        const failure = readings.failures.shift();
        readings.inFlight += 1;
        readings.mostInFlight = Math.max(readings.mostInFlight, readings.inFlight);
        try {
          await sleep(clock, readings.durationMs, signal);
        } finally {
          readings.inFlight -= 1;
        }
        if (failure !== undefined) throw failure;
        return { readAtMs } as ClusterSnapshot;
      },
      writeAttribute: () => Promise.resolve(),
    },
    onSnapshot: ({ readAtMs }) => note(`read ${readAtMs / 1000}`),
    onFailure: ({ code }) => note(code),
    ...change,
  });
  return { clock, watch, seen, logged, readings };
}

describe('watchCluster', () => {
  it('reads at once and then at the poll interval', async () => {
    const { clock, seen } = scene();
    await clock.advance(11_000);
    expect(seen).toEqual(['0.1 read 0', '5.2 read 5.1', '10.3 read 10.2']);
  });

  it('reads when woken, and polls from there on', async () => {
    const { clock, watch, seen } = scene();
    await clock.advance(2000);
    watch.wake();
    await clock.advance(6000);
    expect(seen).toEqual(['0.1 read 0', '2.1 read 2', '7.2 read 7.1']);
  });

  it('makes one more reading of any number of wakes during one', async () => {
    const { clock, watch, seen, readings } = scene();
    readings.durationMs = 1000;
    await clock.advance(2000);
    for (let i = 0; i < 50; i++) {
      watch.wake();
      await clock.advance(10);
    }
    await clock.advance(4000);
    expect(seen).toEqual(['0.1 read 0', '3 read 2', '4 read 3']);
    expect(readings.mostInFlight).toBe(1);
  });

  it('reports a failure, never the last good state, and tries again at the poll interval', async () => {
    const { clock, seen, readings, logged } = scene();
    await clock.advance(1000);
    readings.failures.push(new LifeboatError('CRM_NO_CLUSTER', 'gone'), new LifeboatError('CRM_TIMED_OUT', 'slow'));
    await clock.advance(15_000);
    expect(seen).toEqual(['0.1 read 0', '5.2 CRM_NO_CLUSTER', '10.3 CRM_TIMED_OUT', '15.4 read 15.3']);
    expect(logged).toEqual([
      'warn the cluster is not readable, so its state is unknown',
      'debug the cluster is still not readable',
      'info the cluster is readable again',
    ]);
  });

  it('tries again at once when woken during a reading that fails', async () => {
    const { clock, watch, seen, readings } = scene();
    await clock.advance(1000);
    readings.failures.push(new LifeboatError('CRM_TIMED_OUT', 'slow'));
    watch.wake();
    watch.wake();
    await clock.advance(1000);
    expect(seen).toEqual(['0.1 read 0', '1.1 CRM_TIMED_OUT', '1.2 read 1.1']);
  });

  it('gives an untyped failure a type', async () => {
    const { clock, seen, readings } = scene();
    await clock.advance(1000);
    readings.failures.push(new TypeError('oops'));
    await clock.advance(5000);
    expect(seen.at(-1)).toBe('5.2 CRM_FAILED');
  });

  it('changes the interval of the pause under way', async () => {
    const { clock, watch, seen } = scene();
    await clock.advance(1100);
    watch.pollEvery(2000);
    await clock.advance(1000);
    expect(seen).toEqual(['0.1 read 0']);
    await clock.advance(100);
    expect(seen).toEqual(['0.1 read 0', '2.2 read 2.1']);
    watch.pollEvery(60_000);
    await clock.advance(30_000);
    expect(seen).toHaveLength(2);
    watch.pollEvery(10_000);
    await clock.advance(100);
    expect(seen.at(-1)).toBe('32.3 read 32.2');
  });

  it('begins no reading while the last state is being handled', async () => {
    const handled: number[] = [];
    const { clock, watch, readings }: Scene = scene({
      onSnapshot: async ({ readAtMs }) => {
        await new Promise<void>((resolve) => void clock.schedule(3000, resolve));
        handled.push(readAtMs);
      },
    });
    await clock.advance(1000);
    watch.wake();
    await clock.advance(1000);
    expect([handled, readings.inFlight]).toEqual([[], 0]);
    await clock.advance(1150);
    expect([handled, readings.inFlight]).toEqual([[0], 1]);
  });

  it('goes on when its consumer throws', async () => {
    let calls = 0;
    const { clock, logged } = scene({
      onSnapshot: () => {
        calls += 1;
        throw new Error('a defect');
      },
    });
    await clock.advance(6000);
    expect(calls).toBe(2);
    expect(logged).toContain('error handling of the cluster state failed');
  });

  it.each([
    ['in a pause', 2000],
    ['in a reading', 50],
  ])('stops %s and says nothing more', async (_, atMs) => {
    const { clock, watch, seen, readings } = scene();
    await clock.advance(atMs);
    const before = [...seen];
    watch.stop();
    watch.wake();
    watch.pollEvery(1);
    await clock.advance(60_000);
    expect(seen).toEqual(before);
    expect([readings.inFlight, clock.scheduled]).toEqual([0, 0]);
  });
});
