/** Why we believe that a lost node is down (rule S1). Made only by `prove`. */
export interface Proof {
  /**
   * Stable for one fencing, whoever reads it and wherever: `NODE:SECOND` of completion. Two proofs with one id are one; a
   * second loss that would get the same id gets `NODE:SECOND~2`.
   */
  readonly id: string;
  readonly node: string;
  /** How it was shown: Pacemaker fenced it, or a human confirmed it (stonith_admin --confirm). */
  readonly kind: 'fenced' | 'human';
  /** off or reboot; undefined when only node_fenced tells of it (the history was cleaned). */
  readonly action: string | undefined;
  readonly completedAtMs: number;
  /** The cluster node that did it, "a human", or "unknown" when only node_fenced tells of it. */
  readonly by: string;
  /** The cluster node where it was asked for. */
  readonly origin: string | undefined;
  /** Where it was read. */
  readonly evidence: readonly ('history' | 'node_fenced')[];
}
