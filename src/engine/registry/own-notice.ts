import type { HostNotification } from '../notification.ts';
import type { Recovery } from '../recovery.ts';
import type { NewNotice } from './notice.ts';
import { statusOfRecovery } from './recovery-status.ts';

/** What Masakari's host monitor tells of a host that is down. */
const DOWN = { cluster_status: 'OFFLINE', event: 'STOPPED', host_status: 'NORMAL' } as const;

export interface NoticeSource {
  readonly sourceHostUuid: string;
  readonly segmentUuid: string | undefined;
}

/** What the API shows of a loss that the bridge has proven. `answer`: its recovery, or why it has none. */
export function ownNotice(
  notification: HostNotification,
  answer: Recovery | string | undefined,
  source: NoticeSource,
): NewNotice {
  const { createdAtMs, host, id } = notification;
  return {
    uuid: id,
    origin: 'bridge',
    type: 'COMPUTE_HOST',
    host,
    ...source,
    payload: DOWN,
    generatedAtMs: createdAtMs,
    ...standing(notification, answer),
    recoveryId: typeof answer === 'object' ? answer.id : undefined,
    work: undefined,
  };
}

function standing(
  { status: told }: HostNotification,
  answer: Recovery | string | undefined,
): Pick<NewNotice, 'status' | 'message'> {
  if (typeof answer !== 'object') return { status: told, message: answer };
  const { status, message, over } = statusOfRecovery(answer);
  const hasEnded = told === 'finished' || told === 'failed';
  return { status: over === 'unfinished' && hasEnded ? told : status, message };
}
