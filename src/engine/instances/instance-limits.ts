export interface InstanceLimits {
  /** Nova may take this long to stop it, ms. */
  readonly stopTimeoutMs: number;
  readonly startTimeoutMs: number;
  /** A call that shows no effect for this long is sent again, ms. */
  readonly settleMs: number;
  /** Calls of one kind at the most. */
  readonly attempts: number;
  /** So many restarts of one instance within this time are enough. */
  readonly restarts: number;
  readonly withinMs: number;
  readonly whenExhausted: WhenExhausted;
}

/** What becomes of an instance that was restarted so often. */
export type WhenExhausted =
  /** It is an operator's. */
  | { readonly kind: 'give-up' }
  /** Nova brings it to another host, within the timeout, and then it is an operator's for `againAfterMs`. */
  | { readonly kind: 'migrate'; readonly timeoutMs: number; readonly againAfterMs: number };
