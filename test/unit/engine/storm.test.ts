import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WHOLE, stormOver, weighStorm, type Loss, type StormLimits, type Storms } from '../../../src/engine/storm.ts';

const NOW = Date.UTC(2026, 10, 25);
const LIMITS: StormLimits = {
  windowMs: 300_000,
  coolDownMs: 120_000,
  cluster: { hosts: 3, percent: 50 },
  segment: { hosts: 2, percent: 50 },
};
const HOSTS = Array.from({ length: 20 }, (_, index) => `cmp${index}`);
/** Racks of five. */
const rackOf = (host: string): string => `rack${Math.floor(Number(host.slice(3)) / 5)}`;
const NO_STORM: Storms = new Map();

function lost(host: string, agoMs = 1_000, kind: Loss['kind'] = 'proven'): Loss {
  return { host, kind, atMs: NOW - agoMs };
}

function weigh(
  losses: readonly Loss[],
  {
    before = NO_STORM,
    hosts = HOSTS,
    segmentOf = (): undefined => undefined,
    monotonicMs = 0,
    limits = LIMITS,
  }: {
    readonly before?: Storms;
    readonly hosts?: readonly string[];
    readonly segmentOf?: (host: string) => string | undefined;
    readonly monotonicMs?: number;
    readonly limits?: StormLimits;
  } = {},
): Storms {
  return weighStorm(before, { losses, hosts, segmentOf, now: NOW, monotonicMs }, limits);
}

describe('a storm', () => {
  it('is more hosts lost within the window than the limit allows, and not as many as it allows', () => {
    const four = ['cmp1', 'cmp2', 'cmp3', 'cmp4'].map((host) => lost(host));
    expect(weigh(four.slice(1))).toEqual(NO_STORM);
    expect(weigh(four).get(WHOLE)).toEqual({
      count: { lost: 4, suspected: 0, of: 20, allowed: 3 },
      calmSinceMs: undefined,
    });
  });

  it('counts what was lost within the window only', () => {
    const losses = [lost('cmp1'), lost('cmp2'), lost('cmp3'), lost('cmp4', LIMITS.windowMs)];
    expect(weigh(losses)).toEqual(NO_STORM);
    expect(weigh([...losses.slice(0, 3), lost('cmp4', LIMITS.windowMs - 1)])).not.toEqual(NO_STORM);
  });

  it('counts what is lost and not proven down, however long ago that began', () => {
    const losses = [lost('cmp1'), lost('cmp2'), lost('cmp3'), lost('cmp4', 3_600_000, 'suspected')];
    expect(weigh(losses).get(WHOLE)?.count).toMatchObject({ lost: 4, suspected: 1 });
  });

  it('is also a share of the hosts, rounded down', () => {
    const losses = [lost('cmp0'), lost('cmp1'), lost('cmp2')];
    expect(weigh(losses, { hosts: HOSTS.slice(0, 6) })).toEqual(NO_STORM);
    expect(weigh(losses, { hosts: HOSTS.slice(0, 5) }).get(WHOLE)?.count?.allowed).toBe(2);
  });

  it('is never one host, in a cloud of whatever size and with whatever limits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 100 }), (size, percent) => {
        const limits = { ...LIMITS, cluster: { hosts: 1, percent }, segment: { hosts: 1, percent } };
        const hosts = HOSTS.slice(0, size);
        expect(weigh([lost('cmp0')], { hosts, limits, segmentOf: rackOf })).toEqual(NO_STORM);
      }),
    );
  });

  it('of a segment holds the hosts of that segment only', () => {
    const storms = weigh([lost('cmp0'), lost('cmp1'), lost('cmp2')], { segmentOf: rackOf });
    expect([...storms.keys()]).toEqual(['rack0']);
    expect(stormOver('cmp4', storms, rackOf)).toBeDefined();
    expect(stormOver('cmp5', storms, rackOf)).toBeUndefined();
  });

  it('of the whole cluster holds the hosts of every segment', () => {
    const storms = weigh(
      ['cmp0', 'cmp5', 'cmp10', 'cmp15'].map((host) => lost(host)),
      { segmentOf: rackOf },
    );
    expect([...storms.keys()]).toEqual([WHOLE]);
    expect(stormOver('cmp19', storms, rackOf)).toBeDefined();
    expect(stormOver('cmp19', storms, () => undefined)).toBeDefined();
  });

  it('lasts until the limit was kept for the whole cool-down, and begins that anew when it was exceeded in between', () => {
    const many = ['cmp1', 'cmp2', 'cmp3', 'cmp4'].map((host) => lost(host));
    const few = many.slice(1);
    let storms = weigh(many);
    storms = weigh(few, { before: storms, monotonicMs: 10_000 });
    expect(storms.get(WHOLE)).toMatchObject({ count: { lost: 4 }, calmSinceMs: 10_000 });
    storms = weigh(few, { before: storms, monotonicMs: 129_999 });
    expect(storms.get(WHOLE)?.calmSinceMs).toBe(10_000);
    const again = weigh(many, { before: storms, monotonicMs: 129_999 });
    expect(weigh(few, { before: again, monotonicMs: 130_000 }).get(WHOLE)?.calmSinceMs).toBe(130_000);
    expect(weigh(few, { before: storms, monotonicMs: 130_000 })).toEqual(NO_STORM);
  });

  it('is told by no order of the losses, and is there whenever more are lost than allowed, in whatever segments', () => {
    const losses = fc.uniqueArray(
      fc.record({
        host: fc.constantFrom(...HOSTS),
        kind: fc.constantFrom('proven' as const, 'suspected' as const),
        atMs: fc.integer({ min: NOW - 600_000, max: NOW }),
      }),
      { selector: ({ host }) => host },
    );
    fc.assert(
      fc.property(losses, fc.boolean(), (some, bySegment) => {
        const segmentOf = bySegment ? rackOf : (): undefined => undefined;
        const storms = weigh(some, { segmentOf });
        expect(weigh(some.toReversed(), { segmentOf })).toEqual(storms);
        const counted = some.filter(({ kind, atMs }) => kind === 'suspected' || atMs > NOW - LIMITS.windowMs);
        expect(storms.has(WHOLE)).toBe(counted.length > 3);
        for (const rack of ['rack0', 'rack1', 'rack2', 'rack3']) {
          const ofRack = counted.filter(({ host }) => rackOf(host) === rack).length;
          expect(storms.has(rack)).toBe(bySegment && ofRack > 2);
        }
      }),
    );
  });
});
