import type { ComputeService } from '../openstack/cloud.ts';
import type { Randomness } from '../ports.ts';
import { readMark, type Ending, type Mark } from './mark.ts';
import { STATUS_AFTER, type HostNotification } from './notification.ts';
import type { Proof } from '../bridge/proof.ts';
import type { Recovery } from './recovery.ts';
import type { Suspect } from './suspect.ts';

/**
 * What an engine without the former one's store owes (S4), read from Nova: a host that is disabled with our mark was proven
 * down by a former engine. (What was proven and not yet marked is seen from node_fenced.)
 */
export function owedByMarks(
  services: readonly ComputeService[],
  now: number,
  randomness: Randomness,
): { readonly recoveries: readonly OwedRecovery[]; readonly suspects: readonly Suspect[] } {
  const recoveries: OwedRecovery[] = [];
  const suspects: Suspect[] = [];
  for (const service of services) {
    const mark = service.status === 'disabled' ? readMark(service.disabledReason) : undefined;
    if (mark === undefined) continue;
    const { node, wasDisabled } = mark;
    if (mark.kind === 'suspect') {
      suspects.push({ host: service.host, node, serviceId: service.id, wasDisabled, sinceMs: now, isolated: true });
      continue;
    }
    const made = newRecovery(
      { host: service.host, node, proof: mark.proof, lostSinceMs: mark.proof.completedAtMs, now },
      randomness,
    );
    const isolation = {
      serviceId: service.id,
      wasDisabled,
      baselineUpdatedAtMs: undefined,
      baselineReadAtMs: now,
      aliveSinceMs: mark.alive ? now : undefined,
    };
    const ended = endingOf(mark, service);
    if (ended === undefined) recoveries.push({ ...made, recovery: { ...made.recovery, isolation } });
    else {
      const recovery = { ...made.recovery, state: ended, endedAtMs: mark.writtenAtMs, isolation };
      recoveries.push({ notification: { ...made.notification, status: STATUS_AFTER[ended] }, recovery });
    }
  }
  return { recoveries, suspects };
}

/**
 * The mark says that the moves have ended: the gate may have let nova-compute start on that word, so nothing may be
 * evacuated on this proof again. Or forced-down was lifted already: the engine died while it gave the host back.
 */
function endingOf(mark: Extract<Mark, { kind: 'recovery' }>, service: ComputeService): Ending | undefined {
  return mark.ended ?? (service.forcedDown ? undefined : 'recovered');
}

export interface OwedRecovery {
  readonly notification: HostNotification;
  readonly recovery: Recovery;
}

export interface Loss {
  readonly host: string;
  readonly node: string;
  readonly proof: Proof;
  readonly lostSinceMs: number;
  readonly now: number;
}

/** A notification and the recovery that answers it, both new. */
export function newRecovery(loss: Loss, randomness: Randomness): OwedRecovery {
  const { host, node, proof, lostSinceMs, now } = loss;
  const notificationId = randomness.uuid();
  return {
    notification: { id: notificationId, host, node, proof, lostSinceMs, status: 'running', createdAtMs: now },
    recovery: {
      id: randomness.uuid(),
      notificationId,
      host,
      node,
      state: 'accepted',
      hold: undefined,
      resumeTo: undefined,
      reason: undefined,
      proof,
      lostSinceMs,
      isolation: undefined,
      orders: {},
      createdAtMs: now,
      firstAcceptedAtMs: undefined,
      endedAtMs: undefined,
      releasedAtMs: undefined,
    },
  };
}
