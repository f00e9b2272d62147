import type { Instance } from '../../openstack/cloud.ts';
import type { Resources, ServerGroup } from '../../openstack/inventory.ts';
import { inSequence } from '../order/sequence.ts';
import { USUAL_RANK, type Rank } from '../order/rank.ts';
import { preparationFor } from '../preparation.ts';
import { reasonToLeave, type Selection, type Tagged } from '../select.ts';
import { Room, type Target } from './room.ts';
import { Separations } from './separation.ts';

/** Everything that a plan rests on, read before it is made. */
export interface PlanFacts {
  readonly host: string;
  readonly zone: string;
  readonly instances: readonly Instance[];
  readonly selection: Selection;
  readonly tagged: Tagged;
  readonly ranks: ReadonlyMap<string, Rank>;
  /** Undefined: Placement did not say, and every place is unknown. */
  readonly stock:
    | {
        /** By instance id, what it holds on the host. */
        readonly needs: ReadonlyMap<string, Resources>;
        readonly targets: readonly Target[];
      }
    | undefined;
  readonly groups: readonly ServerGroup[];
  readonly hostOf: (instanceId: string) => string | undefined;
  /** Whether an instance may leave the availability zone of the host. */
  readonly acrossZones: boolean;
  /** Which targets are tried, one kind after the other. */
  readonly ways: readonly ('scheduler' | 'reserved')[];
}

export type Place =
  | { readonly kind: 'host'; readonly host: string; readonly reserved: boolean }
  /** It stays where it is, as the selection or its state have it. */
  | { readonly kind: 'left'; readonly reason: string }
  | { readonly kind: 'none'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };

export interface PlannedMove {
  readonly instanceId: string;
  readonly name: string;
  readonly rank: Rank;
  readonly place: Place;
}

/**
 * What a recovery of the host would do, in its order: what would be sent first, and where Placement has room for it. What
 * stays comes last. Rests on the same rules as the recovery itself: the selection, the preparation and the order.
 */
export function planMoves(facts: PlanFacts): readonly PlannedMove[] {
  const { host, instances, ranks, selection, tagged } = facts;
  const left: PlannedMove[] = [];
  const moving: { readonly instance: Instance; readonly rank: Rank }[] = [];
  for (const instance of instances) {
    const rank = ranks.get(instance.id) ?? USUAL_RANK;
    const reason = reasonToLeave(instance, selection, tagged) ?? reasonOfState(instance);
    if (reason === undefined) moving.push({ instance, rank });
    else left.push({ instanceId: instance.id, name: instance.name, rank, place: { kind: 'left', reason } });
  }
  const separations = new Separations(facts.groups, host, facts.hostOf);
  const room = new Room(facts.stock?.targets ?? []);
  const planned = inSequence(moving).map(({ instance, rank }) => {
    const place = placeOf(instance, facts, room, separations);
    if (place.kind === 'host') separations.place(instance.id, place.host);
    return { instanceId: instance.id, name: instance.name, rank, place };
  });
  return [...planned, ...left];
}

function reasonOfState(instance: Instance): string | undefined {
  const preparation = preparationFor(instance, 'unknown');
  if (preparation.kind === 'leave') return preparation.reason;
  const isGoing = instance.taskState === 'deleting' || instance.taskState === 'soft-deleting';
  return isGoing ? 'its owner is deleting it' : undefined;
}

function placeOf(instance: Instance, facts: PlanFacts, room: Room, separations: Separations): Place {
  const { acrossZones, stock, ways, zone } = facts;
  if (stock === undefined) return { kind: 'unknown', reason: 'Placement does not say what is free' };
  const needs = stock.needs.get(instance.id);
  if (needs === undefined) return { kind: 'unknown', reason: 'Placement has no allocation of it on the host' };
  if (separations.isBoundToDeadHost(instance.id)) {
    return { kind: 'none', reason: 'its affinity group has other members on this host, and Nova wants them together' };
  }
  for (const way of ways) {
    const target = room.take(
      needs,
      (each) =>
        each.reserved === (way === 'reserved') &&
        (acrossZones || each.zone === zone) &&
        separations.mayGo(instance.id, each.host),
    );
    if (target !== undefined) return { kind: 'host', host: target.host, reserved: target.reserved };
  }
  const wanted = Object.entries(needs)
    .map(([name, amount]) => `${name} ${amount}`)
    .join(', ');
  const why = room.has(needs) ? 'the hosts that have room are in another zone, or apart from it by rule' : '';
  return { kind: 'none', reason: `no host that may take it has free: ${wanted}${why === '' ? '' : `; ${why}`}` };
}
