/** The one lease that there is: whoever holds it is the engine. */
export const ENGINE_LEASE = 'engine';

/** How the lease stands in the store at the moment of reading. */
export interface LeaseRecord {
  /** Whoever took it last, also when that was long ago. */
  readonly holder: string;
  /** One more with every taking: what was written under an older one is refused (S5). */
  readonly epoch: number;
  /** Changes with everything that the holder writes: as long as it does not change, the holder gives no sign of life. */
  readonly sign: number;
  /** For how long the holder takes it each time, in ms. */
  readonly durationMs: number;
  /** Until it expires, by the store's own clock, in ms; 0 when it has. */
  readonly leftMs: number;
}

export interface LeaseClaim {
  /** Unlike that of any other process, also of one that ran on the same machine before. */
  readonly holder: string;
  readonly durationMs: number;
  /**
   * The lease may be taken before it has expired if it is still as it was seen then: the holder is known to be dead, or
   * has given no sign of life for the whole of its lease by our own clock.
   */
  readonly evenIf?: Pick<LeaseRecord, 'epoch' | 'sign'> | undefined;
}

export type LeaseAnswer =
  { readonly kind: 'taken'; readonly epoch: number } | { readonly kind: 'held'; readonly record: LeaseRecord };

/** What of a holder an operator wants to read: its node. The rest tells one process from another. */
export function nameOf(holder: string): string {
  return holder.split(' ', 1)[0] ?? holder;
}
