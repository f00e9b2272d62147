import { describe, expect, it } from 'vitest';
import { Follow } from '../../../src/engine/follow.ts';
import type { HostWitness } from '../../../src/engine/host-witness.ts';
import type { Move } from '../../../src/engine/move.ts';
import type { MoveBook } from '../../../src/engine/move-book.ts';
import type { Rank } from '../../../src/engine/order/rank.ts';
import { Places } from '../../../src/engine/places.ts';
import { NOT_READ } from '../../../src/engine/select.ts';
import { newMoves, sightOf, type Sights } from '../../../src/engine/sights.ts';
import type { Cloud, Evacuation, Instance } from '../../../src/openstack/cloud.ts';
import { systemRandomness } from '../../../src/edge/randomness.ts';
import { newRecovery } from '../../../src/engine/rebuild.ts';
import { proofOf } from './bench.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const INSTANCE = { id: 'i1', host: 'cmp1', vmState: 'active', taskState: undefined } as unknown as Instance;
const MOVE = { id: 'm1', instanceId: 'i1', sourceHost: 'cmp1', pastEvacuationId: 0 } as unknown as Move;
const NO_DEAD_HOSTS = { isKeptOut: () => false, isProvenDown: () => false };

function sights(
  listedAtMs: number,
  record: { readonly status: string; readonly settledAtMs: number | undefined },
): Sights {
  const evacuation = { id: '7', instanceId: 'i1', sourceHost: 'cmp1', targetHost: 'cmp2', status: record.status };
  return {
    listedAtMs,
    onHost: [INSTANCE],
    seen: () => ({ instance: INSTANCE, askedAtMs: listedAtMs }),
    evacuationsOf: () => [evacuation as unknown as Evacuation],
    settledAtMs: () => record.settledAtMs,
  };
}

describe('what Nova showed of an instance', () => {
  it('is no ground to judge by when it was read before the end of its evacuation was known', () => {
    const ended = { status: 'error', settledAtMs: 1_000 };
    expect(sightOf(MOVE, sights(999, ended), 0, NO_DEAD_HOSTS, 'unknown')).toBeUndefined();
    expect(sightOf(MOVE, sights(1_000, ended), 0, NO_DEAD_HOSTS, 'unknown')).toMatchObject({ instance: { id: 'i1' } });
  });

  it('is no ground to judge by when it was read before the last change of its move', () => {
    const underWay = { status: 'pre-migrating', settledAtMs: undefined };
    expect(sightOf(MOVE, sights(499, underWay), 500, NO_DEAD_HOSTS, 'unknown')).toBeUndefined();
    expect(sightOf(MOVE, sights(500, underWay), 500, NO_DEAD_HOSTS, 'unknown')).toBeDefined();
  });

  it('is no ground to send by when the list or the second witness is older than two seconds (S3, S9)', async () => {
    const clock = virtualClock();
    const cloud = { instancesOn: () => Promise.resolve([INSTANCE]), evacuationsFrom: () => Promise.resolve([]) };
    const witness = { ageMs: 0 };
    const follow = new Follow(
      {
        cloud: cloud as unknown as Cloud,
        clock,
        places: new Places(5, clock, () => 0),
        limits: { followMs: 1_000 },
      },
      'cmp1',
      {} as MoveBook,
      witness as HostWitness,
    );
    expect(follow.isFresh, 'nothing was read yet').toBe(false);
    await follow.readHost(new AbortController().signal);
    await clock.advance(2_000);
    expect(follow.isFresh).toBe(true);
    witness.ageMs = 2_001;
    expect(follow.isFresh, 'the witness').toBe(false);
    witness.ageMs = 0;
    await clock.advance(1);
    expect(follow.isFresh, 'the list').toBe(false);
    expect(follow.sights.onHost).toHaveLength(1);
    follow.forget();
    expect(follow.sights.onHost, 'nothing of it is kept when the recovery has ended').toHaveLength(0);
  });
});

describe('an evacuation record that Nova has not ended', () => {
  const LOST = 1_795_328_297_000;
  const HOUR = 3_600_000;
  const selection = { select: 'all', markKey: 'HA_Enabled', excludeNames: [], excludeProjects: [] } as const;

  function pastOf(record: Partial<Evacuation>, taskState?: string): number | undefined {
    const loss = { host: 'cmp1', node: 'cmp1', proof: proofOf('cmp1', LOST), lostSinceMs: LOST, now: LOST };
    const { recovery } = newRecovery(loss, systemRandomness);
    const instance = { ...INSTANCE, taskState, metadata: {}, tags: [] } as unknown as Instance;
    const found = { id: '7', status: 'pre-migrating', createdAtMs: LOST - 2 * HOUR, updatedAtMs: undefined, ...record };
    const seen = { ...sights(0, { status: '', settledAtMs: undefined }), onHost: [instance] };
    const shown: Sights = { ...seen, evacuationsOf: () => [found as unknown as Evacuation] };
    const ranks = (): ReadonlyMap<string, Rank> => new Map();
    const known = { clock: virtualClock(), randomness: systemRandomness, inherited: false, ranks, tagged: NOT_READ };
    return newMoves(shown, [], recovery, selection, known)[0]?.pastEvacuationId;
  }

  it('belongs to the past when its target died long before this loss and the instance is not being rebuilt', () => {
    expect(pastOf({})).toBe(7);
  });

  it.each<[string, Partial<Evacuation>, string | undefined]>([
    ['is younger than that', { updatedAtMs: LOST - HOUR / 2 }, undefined],
    ['may still wait in the queue of its target', { status: 'accepted' }, undefined],
    ['is of an instance that is being rebuilt', {}, 'rebuild_spawning'],
  ])('is taken for one under way when it %s (S3)', (_case, record, taskState) => {
    expect(pastOf(record, taskState)).toBe(0);
  });
});
