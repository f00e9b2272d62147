import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../../src/compute/processes/observation.ts';
import type { ProcessSource } from '../../../../src/compute/processes/source.ts';
import { watchSource } from '../../../../src/compute/processes/source-watch.ts';
import { recordingLogger } from '../../../support/recording-logger.ts';
import { virtualClock } from '../../../support/virtual-clock.ts';

describe('the watch over a source', () => {
  it('looks at once, and then at the source’s own time', async () => {
    const { clock, looks } = scene({});
    await clock.advance(25_000);
    expect(looks).toEqual([0, 10_000, 20_000]);
  });

  it('looks sooner when what it saw is to be judged sooner', async () => {
    const { clock, looks } = scene({ againInMs: () => 300 });
    await clock.advance(700);
    expect(looks).toEqual([0, 300, 600]);
  });

  it('looks once more at once, and no more than once, when it is woken during a look', async () => {
    const { clock, looks, wake } = scene({ lookMs: 1_000 });
    await clock.advance(500);
    wake();
    wake();
    await clock.advance(5_000);
    expect(looks).toEqual([0, 1_000]);
  });

  it('looks at once when it is woken between two looks', async () => {
    const { clock, looks, wake } = scene({});
    await clock.advance(4_000);
    wake();
    await clock.advance(10_000);
    expect(looks).toEqual([0, 4_000, 14_000]);
  });

  it('goes on after a defect in what judges', async () => {
    const { clock, looks, lines } = scene({
      againInMs: () => {
        throw new Error('a defect');
      },
    });
    await clock.advance(10_000);
    expect(looks).toEqual([0, 10_000]);
    expect(lines.join()).toContain('a defect');
  });

  it('judges nothing that it sees after it was stopped, and looks no more', async () => {
    const { clock, looks, judged, stop } = scene({ lookMs: 1_000 });
    await clock.advance(500);
    stop();
    await clock.advance(60_000);
    expect(looks).toEqual([0]);
    expect(judged()).toBe(0);
    expect(clock.scheduled).toBe(0);
  });
});

function scene({ againInMs, lookMs = 0 }: { againInMs?: () => number; lookMs?: number }) {
  const clock = virtualClock();
  const logger = recordingLogger();
  const looks: number[] = [];
  let judged = 0;
  let wake = (): void => {};
  const source: ProcessSource = {
    names: ['a'],
    everyMs: 10_000,
    settleMs: 0,
    look: async () => {
      looks.push(clock.monotonic());
      if (lookMs > 0) await new Promise<void>((resolve) => clock.schedule(lookMs, resolve));
      return new Map<string, Observation>([['a', { kind: 'runs' }]]);
    },
    canRestart: () => false,
    restart: async () => {},
    onWake: (listener) => {
      wake = listener;
    },
    stop: () => {},
  };
  const onLook = (): number | undefined => {
    judged += 1;
    return againInMs?.();
  };
  const watch = watchSource({ clock, logger, source, onLook });
  return { clock, looks, lines: logger.lines, judged: () => judged, wake: () => wake(), stop: watch.stop };
}
