import type { Proof } from '../bridge/proof.ts';

/** node_fenced and the history tell of one fencing with stamps that may differ by some seconds. */
const STAMP_SLACK_MS = 5_000;

/** Whether two proofs tell of one failure of one node. */
export function isSameFailure(a: Proof, b: Proof): boolean {
  if (a.id === b.id) return true;
  return a.node === b.node && Math.abs(a.completedAtMs - b.completedAtMs) <= STAMP_SLACK_MS;
}
