import type { Move } from '../move.ts';
import { inOrder } from './in-order.ts';
import { USUAL_RANK, weightOf } from './rank.ts';

const SHOWN = 10;

/** For the log: "db-1 (900), web-1 (500) and 12 more". Undefined when all are alike. */
export function describeOrder(moves: readonly Move[]): string | undefined {
  const sorted = inOrder(moves);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  if (weightOf(first.rank ?? USUAL_RANK) === weightOf(last.rank ?? USUAL_RANK)) return undefined;
  const named = sorted.slice(0, SHOWN).map(({ name, rank }) => `${name} (${(rank ?? USUAL_RANK).priority})`);
  const left = sorted.length - named.length;
  return `${named.join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
}
