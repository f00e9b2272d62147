/** What somebody decided, and why. Times are milliseconds since the epoch. */
export interface Word {
  /** A user's name, or `lifeboat` for what the engine decided by itself. */
  readonly by: string;
  readonly atMs: number;
  readonly reason: string | undefined;
}

/** What was decided about one recovery beyond its state. On disk before it takes effect, so that it outlives the engine. */
export interface Orders {
  /** It may begin: the storm guard does not hold it any more, whatever comes (S7). */
  readonly admitted?: Word | undefined;
  /** Nothing more is sent for it. */
  readonly cancelled?: Word | undefined;
  /** An operator knows how it ended; the host may be given back though it fails often. */
  readonly acknowledged?: Word | undefined;
  /** Tried again after its moves had ended: it waits for a fencing later than this. */
  readonly reopened?: Word | undefined;
}

export const BY_ITSELF = 'lifeboat';

/** "by root: a new switch". */
export function inWords({ by, reason }: Word): string {
  return `by ${by}${reason === undefined ? '' : `: ${reason}`}`;
}
