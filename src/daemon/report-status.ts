import type { ReportStatus } from '../control/protocol.ts';
import { isUnfinishedNotice, type Notice } from '../engine/registry/notice.ts';
import { subjectOf } from '../engine/registry/report-board.ts';

export function reportStatus(notice: Notice): ReportStatus {
  const state = isUnfinishedNotice(notice) ? 'at work' : 'failed';
  const { createdAtMs: sinceMs, host, message: reason } = notice;
  return { host, subject: subjectOf(notice), state, reason, sinceMs };
}

/** What follows the summary in crm_mon; empty while there is nothing to see. */
export function reportWords(reports: readonly Notice[]): string {
  const instances = reports.filter((notice) => notice.type === 'VM' && isUnfinishedNotice(notice)).length;
  const failed = reports.filter((notice) => !isUnfinishedNotice(notice)).length;
  const restarting = instances === 0 ? '' : `, ${counted(instances, 'instance')} restarting`;
  return `${restarting}${failed === 0 ? '' : `, ${counted(failed, 'report')} failed`}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
