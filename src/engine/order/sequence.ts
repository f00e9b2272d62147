import { inOrder } from './in-order.ts';
import { USUAL_RANK, type Rank } from './rank.ts';

interface Ranked {
  readonly rank?: Rank | undefined;
}

/**
 * In the order in which they are sent: the most important first, but nothing before the members of the groups that it
 * starts after. What waits in a circle is sent as if it did not wait.
 */
export function inSequence<T extends Ranked>(moves: readonly T[]): readonly T[] {
  const sorted = inOrder(moves);
  if (sorted.every(({ rank }) => (rank ?? USUAL_RANK).after.length === 0)) return sorted;
  const pending = new Map<string, number>();
  for (const { rank } of sorted) {
    if (rank?.group !== undefined) pending.set(rank.group, (pending.get(rank.group) ?? 0) + 1);
  }
  const sequence: T[] = [];
  let left = sorted;
  while (left.length > 0) {
    const ready = left.filter(({ rank }) => isFree(rank ?? USUAL_RANK, pending));
    const next = ready.length > 0 ? ready : left.slice(0, 1);
    for (const { rank } of next) {
      if (rank?.group !== undefined) pending.set(rank.group, (pending.get(rank.group) ?? 1) - 1);
    }
    sequence.push(...next);
    const taken = new Set(next);
    left = left.filter((move) => !taken.has(move));
  }
  return sequence;
}

function isFree({ after, group }: Rank, pending: ReadonlyMap<string, number>): boolean {
  return after.every((before) => before === group || (pending.get(before) ?? 0) === 0);
}
