/** Where an instance stands among those that are to be moved. */
export interface Rank {
  /** 1 to 1000; the highest is sent first. */
  readonly priority: number;
  /** Masakari's HA_Enabled: first among those of one priority (its own defect W1 has them last). */
  readonly marked: boolean;
  readonly group: string | undefined;
  /** Groups that it starts after. */
  readonly after: readonly string[];
}

export const LOWEST_PRIORITY = 1;
export const HIGHEST_PRIORITY = 1000;
export const USUAL_PRIORITY = 500;

/** Of a move that an older Lifeboat wrote down. */
export const USUAL_RANK: Rank = { priority: USUAL_PRIORITY, marked: false, group: undefined, after: [] };

/** One number that orders them all: the greater is sent first. */
export function weightOf({ priority, marked }: Rank): number {
  return 2 * priority + (marked ? 1 : 0);
}
