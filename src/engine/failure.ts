import type { Verdict } from '../bridge/verdict.ts';
import type { Recovery } from './recovery.ts';
import type { Loss } from './storm.ts';
import { isSuspicious } from './suspects.ts';

/** One time that a host was proven down. Times are milliseconds since the epoch. */
export interface Failure {
  readonly host: string;
  readonly recoveryId: string;
  readonly atMs: number;
  /** When an operator said that this host may be used again. */
  readonly acknowledgedAtMs: number | undefined;
}

export function failureOf({ host, id, proof, orders }: Recovery): Failure {
  return {
    host,
    recoveryId: id,
    atMs: proof.completedAtMs,
    acknowledgedAtMs: orders.acknowledged?.atMs,
  };
}

/**
 * What the storm guard counts: each host once, by its newest failure, and what is lost now without a proof. A verdict
 * that is held for want of quorum or a DC says nothing of the host (S2), and one that is left alone is no loss (S8).
 */
export function lossesOf(failures: readonly Failure[], verdicts: readonly Verdict[], now: number): readonly Loss[] {
  const losses = new Map<string, Loss>();
  const note = (loss: Loss): void => {
    const known = losses.get(loss.host);
    if (known === undefined || known.atMs < loss.atMs) losses.set(loss.host, loss);
  };
  // By a clock that runs ahead of ours it may have been in the future.
  for (const { host, atMs } of failures) note({ host, kind: 'proven', atMs: Math.min(atMs, now) });
  for (const verdict of verdicts) {
    const host = verdict.host ?? verdict.node;
    if (verdict.state === 'proven') note({ host, kind: 'proven', atMs: Math.min(verdict.proof.completedAtMs, now) });
    if (isSuspicious(verdict)) losses.set(host, { host, kind: 'suspected', atMs: verdict.lostSinceMs });
  }
  return [...losses.values()];
}
