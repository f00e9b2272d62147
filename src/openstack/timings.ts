/** How long a call may take, and how often what is safe to repeat is tried. All in milliseconds. */
export interface Timings {
  /** TCP and TLS until the request can be written. */
  readonly connectMs: number;
  /** One request, from its start to the last byte of the answer. */
  readonly requestMs: number;
  /** Tries of one call that is safe to repeat, the first one included. */
  readonly attempts: number;
  /** No further try begins later than this after the first one. */
  readonly budgetMs: number;
  /** The first pause between tries; doubled each time, and a random part of it is taken. */
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  /** A token is renewed beside the work when less than this is left of it. */
  readonly renewBeforeMs: number;
}

export const DEFAULT_TIMINGS: Timings = {
  connectMs: 5_000,
  requestMs: 30_000,
  attempts: 4,
  budgetMs: 60_000,
  backoffMs: 250,
  maxBackoffMs: 5_000,
  renewBeforeMs: 300_000,
};
