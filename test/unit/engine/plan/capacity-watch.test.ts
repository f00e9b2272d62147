import { describe, expect, it } from 'vitest';
import { CapacityWatch, type CapacityPorts } from '../../../../src/engine/plan/capacity-watch.ts';
import { USUAL_RANK } from '../../../../src/engine/order/rank.ts';
import type { Place, PlannedMove } from '../../../../src/engine/plan/plan.ts';
import { LifeboatError } from '../../../../src/errors.ts';
import { recordingLogger, type RecordingLogger } from '../../../support/recording-logger.ts';
import { virtualClock, type VirtualClock } from '../../../support/virtual-clock.ts';

const FITS: Place = { kind: 'host', host: 'x', reserved: false };
const NONE: Place = { kind: 'none', reason: 'full' };

interface Bench {
  readonly clock: VirtualClock;
  readonly logger: RecordingLogger;
  readonly watch: CapacityWatch;
  readonly asked: string[];
  readonly places: Map<string, readonly Place[] | Error>;
}

function bench(more: Partial<CapacityPorts> = {}): Bench {
  const clock = virtualClock();
  const logger = recordingLogger();
  const asked: string[] = [];
  const places = new Map<string, readonly Place[] | Error>();
  const watch = new CapacityWatch({
    planner: {
      plan: (host) => {
        asked.push(host);
        const found = places.get(host) ?? [FITS];
        if (found instanceof Error) return Promise.reject(found);
        const moves = found.map((place, index): PlannedMove => ({
          instanceId: `${index}`,
          name: `vm-${index}`,
          rank: USUAL_RANK,
          place,
        }));
        return Promise.resolve({ host, moves, failure: undefined });
      },
    },
    clock,
    logger,
    everyMs: 30_000,
    hosts: () => ['h1', 'h2', 'h3'],
    onChange: () => undefined,
    ...more,
  });
  return { clock, logger, watch, asked, places };
}

describe('looking ahead (N+1)', () => {
  it('looks at each host once in the time that is given, and at no two at a time', async () => {
    const { asked, clock, watch } = bench();
    for (let passed = 0; passed < 60_000; passed += 1_000) {
      await Promise.all([watch.step(), watch.step()]);
      await clock.advance(1_000);
    }
    expect(asked).toEqual(['h1', 'h2', 'h3', 'h1', 'h2', 'h3']);
    expect(watch.looked).toBe(3);
  });

  it('tells once which host it is not met for, and when it is met again', async () => {
    const { clock, logger, places, watch } = bench({ hosts: () => ['h1'] });
    places.set('h1', [FITS, NONE, NONE, NONE, NONE, { kind: 'left', reason: 'excluded' }]);
    await watch.step();
    await clock.advance(30_000);
    await watch.step();
    const sentence = 'N+1 is not met: if h1 dies, 4 of 5 instances have no place (vm-1, vm-2, vm-3 and 1 more)';
    expect(logger.lines).toEqual([`warn: ${sentence}`]);
    expect(watch.shortfalls).toMatchObject([{ host: 'h1', homeless: 4, of: 5 }]);
    places.set('h1', [FITS]);
    await clock.advance(30_000);
    await watch.step();
    expect(logger.lines.at(-1)).toBe('info: N+1 is met again: if h1 dies, every instance on it has a place');
    expect(watch.shortfalls).toEqual([]);
  });

  it('says that it cannot tell when Nova or Placement does not answer, and goes on with the next host', async () => {
    const { asked, clock, logger, places, watch } = bench();
    places.set('h1', new LifeboatError('CLOUD_UNAVAILABLE', 'Placement is away'));
    for (let passed = 0; passed < 40_000; passed += 1_000) {
      await watch.step();
      await clock.advance(1_000);
    }
    expect(asked).toEqual(['h1', 'h2', 'h3', 'h1']);
    expect(watch.failure).toContain('Placement is away');
    expect(watch.looked).toBe(2);
    expect(logger.lines[0]).toMatch(/^warn: it cannot be told .*Placement is away \[CLOUD_UNAVAILABLE\]$/);
  });

  it('forgets a host that is not in service any more, and asks nothing when it is switched off', async () => {
    let hosts = ['h1', 'h2'];
    const { places, watch, clock } = bench({ hosts: () => hosts });
    places.set('h1', [NONE]);
    await watch.step();
    expect(watch.shortfalls).toHaveLength(1);
    hosts = ['h2'];
    await clock.advance(30_000);
    await watch.step();
    expect(watch.shortfalls).toEqual([]);
    const off = bench({ everyMs: 0 });
    await off.watch.step();
    expect(off.asked).toEqual([]);
  });
});
