import { USUAL_RANK, weightOf, type Rank } from './rank.ts';

/** The most important first; those that are alike in the order in which they came. */
export function inOrder<T extends { readonly rank?: Rank | undefined }>(moves: readonly T[]): readonly T[] {
  return moves.toSorted((a, b) => weightOf(b.rank ?? USUAL_RANK) - weightOf(a.rank ?? USUAL_RANK));
}
