/** A safety rule that did not hold at one moment. */
export interface Violation {
  /** S1 … S10 of the design. */
  readonly rule: string;
  /** The instance or host, and what happened, in one line without a full stop. */
  readonly what: string;
  readonly atMs: number;
}
