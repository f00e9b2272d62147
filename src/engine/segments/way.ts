/** How a target is found: Nova's scheduler chooses, or it is a reserved host of the segment. */
export type Way = 'scheduler' | 'reserved';

/** Where a move stands among the ways of its segment's method. */
export interface MoveWay {
  /** Which of the ways is tried now, from 0. */
  readonly stage: number;
  /** The reserved host that was named in the last call. */
  readonly target: string | undefined;
  /** Reserved hosts on which the instance could not be started. */
  readonly tried: readonly string[];
}

export const FIRST_WAY: MoveWay = { stage: 0, target: undefined, tried: [] };

export function wayOf(stage: number, ways: readonly Way[]): Way {
  return ways[stage] ?? ways.at(-1) ?? 'scheduler';
}
