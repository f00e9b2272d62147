import type { Verdict } from '../bridge/verdict.ts';
import type { ComputeService } from '../openstack/cloud.ts';
import { endedElsewhere, type EndedElsewhere } from './ended-elsewhere.ts';
import { readMark } from './mark.ts';
import { isUnfinished, type Recovery } from './recovery.ts';

export type TakeUp =
  /** Goes on where it stopped. */
  | { readonly kind: 'go-on' }
  /** Has nothing to do but to wait for its host. */
  | { readonly kind: 'keep-out' }
  /** Its host is back in service: an engine died before it had written that down, or somebody gave it back by hand. */
  | { readonly kind: 'released'; readonly reason: string }
  | { readonly kind: 'close'; readonly reason: string }
  /** Has been brought to its end by another engine. */
  | { readonly kind: 'ended'; readonly elsewhere: EndedElsewhere };

/** Nova's updated_at this much newer than the fencing tells that nova-compute came back. */
const SLACK_MS = 5_000;

/**
 * Whether a recovery found in the store is still owed (S4), when an engine starts. The store may be an old one: another
 * controller may have finished the recovery and given the host back since. Nova tells: a host that we keep out is forced
 * down. One that is not, and whose node is not proven down now, and whose nova-compute has reported since, is in service;
 * evacuating from it would run instances twice (S1).
 */
export function takeUp(
  recovery: Recovery,
  service: ComputeService | undefined,
  verdict: Verdict | undefined,
  now: number,
): TakeUp {
  // With our mark and not forced down: an engine died between the two halves of a release.
  const isMarked = service?.status === 'disabled' && readMark(service.disabledReason) !== undefined;
  const isOut = service === undefined || service.forcedDown || (isMarked && !isUnfinished(recovery));
  if (!isUnfinished(recovery)) {
    if (isOut) return { kind: 'keep-out' };
    return { kind: 'released', reason: `${recovery.host} was given back to Nova before this engine began` };
  }
  const elsewhere = endedElsewhere(recovery, service, now);
  if (elsewhere !== undefined) return { kind: 'ended', elsewhere };
  if (isOut || verdict?.state === 'proven') return { kind: 'go-on' };
  const reported = service.updatedAtMs !== undefined && service.updatedAtMs > recovery.proof.completedAtMs + SLACK_MS;
  if (!reported) return { kind: 'go-on' };
  return {
    kind: 'close',
    reason: `${recovery.host} is back in service and not kept out any more; check the instances that Nova shows on it`,
  };
}
