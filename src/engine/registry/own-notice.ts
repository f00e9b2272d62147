import type { HostNotification } from '../notification.ts';
import type { Recovery } from '../recovery.ts';
import type { NewNotice } from './notice.ts';
import { statusOfRecovery } from './recovery-status.ts';
import type { EntryStatus } from './registry.ts';

/** What Masakari's host monitor tells of a host that is down. */
const DOWN = { cluster_status: 'OFFLINE', event: 'STOPPED', host_status: 'NORMAL' } as const;

/** Of a notification without a recovery: why it has none. */
const REASONS: Readonly<Partial<Record<EntryStatus, string>>> = {
  ignored: 'the host was fenced again while its recovery was at work, and that one goes on',
  failed: 'the host was fenced while no engine ran, and was up again before one looked: nothing was evacuated',
};

export interface NoticeSource {
  readonly sourceHostUuid: string;
  readonly segmentUuid: string | undefined;
}

/** What the API shows of a loss that the bridge has proven. */
export function ownNotice(
  notification: HostNotification,
  recovery: Recovery | undefined,
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
    ...standing(notification, recovery),
    recoveryId: recovery?.id,
    work: undefined,
  };
}

function standing(
  { status: told }: HostNotification,
  recovery: Recovery | undefined,
): Pick<NewNotice, 'status' | 'message'> {
  if (recovery === undefined) return { status: told, message: REASONS[told] };
  const { status, message, over } = statusOfRecovery(recovery);
  const hasEnded = told === 'finished' || told === 'failed';
  return { status: over === 'unfinished' && hasEnded ? told : status, message };
}
