import type { ClusterSnapshot } from '../crm/snapshot.ts';
import { A_HUMAN } from './partition.ts';
import type { Proof } from './proof.ts';
import { isPowerCut } from './prove.ts';

/**
 * The newest success for the node that completed after the given proof. `decide` keeps one proof for one loss; when the
 * second witness shows that the fencing behind it lied (S9), only a later one, or a human's word, can stand in for it.
 * Undefined without quorum or a DC (S2).
 */
export function laterFencing(
  snapshot: ClusterSnapshot,
  proof: Proof,
  acceptHumanConfirmation: boolean,
): Proof | undefined {
  if (!snapshot.quorate || snapshot.dc === undefined) return undefined;
  const [newest] = snapshot.fencings
    .filter((fencing) => fencing.target === proof.node)
    .filter(isPowerCut)
    .filter(({ completedAtMs, delegate }) => {
      return completedAtMs > proof.completedAtMs && (delegate !== A_HUMAN || acceptHumanConfirmation);
    })
    .toSorted((a, b) => b.completedAtMs - a.completedAtMs);
  if (newest === undefined) return undefined;
  return {
    id: `${proof.node}:${Math.floor(newest.completedAtMs / 1000)}`,
    node: proof.node,
    kind: newest.delegate === A_HUMAN ? 'human' : 'fenced',
    action: newest.action,
    completedAtMs: newest.completedAtMs,
    by: newest.delegate ?? 'unknown',
    origin: newest.origin,
    evidence: ['history'],
  };
}
