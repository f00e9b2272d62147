import { payloadText } from '../store/notice-rows.ts';
import type { Notice } from './notice.ts';

type Report = Pick<Notice, 'payload' | 'generatedAtMs'>;

/**
 * Whether one of these tells of the same failure already. `known`: of its host and type, of the last minutes, oldest first.
 *
 * By Masakari's rule an equal payload is enough. But a guest that was started again and dies again, or a process that ran
 * meanwhile, is another failure, and would be lost (seen with Masakari's own monitors). A second word of one failure that is taken
 * for two does no harm: the engine asks Nova before it acts.
 */
export function isToldBy(known: readonly Notice[], report: Report): boolean {
  const text = payloadText(report.payload);
  const alike = known.filter(({ payload }) => payloadText(payload) === text);
  if (alike.some((notice) => notice.generatedAtMs >= report.generatedAtMs)) return true;
  const process = report.payload['process_name'];
  if (process === undefined) return alike.some((notice) => !isRecovered(notice));
  const last = known.findLast(({ payload }) => payload['process_name'] === process);
  return last !== undefined && payloadText(last.payload) === text && !isRecovered(last);
}

/** A failure of a host is another one when it has been fenced anew, and that the bridge tells itself. */
function isRecovered({ status, type }: Notice): boolean {
  return type !== 'COMPUTE_HOST' && status === 'finished';
}
