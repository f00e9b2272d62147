import { payloadText } from '../store/notice-rows.ts';
import { isUnfinishedNotice, type Notice } from './notice.ts';

interface Report extends Pick<Notice, 'payload' | 'generatedAtMs'> {
  /** That its reporter has given to this very failure and to no other. */
  readonly name: string | undefined;
}

/**
 * Whether one of these tells of the same failure already. `known`: of its host and type, of the last minutes, oldest first.
 *
 * By Masakari's rule an equal payload is enough. But a guest that was started again and dies again, or a process that ran
 * meanwhile, is another failure, and would be lost (seen with Masakari's own monitors). A second word of one failure that is taken
 * for two does no harm: the engine asks Nova before it acts. A report with a name is told by what is still being answered, and by
 * nothing else: a clock may have gone back.
 */
export function isToldBy(known: readonly Notice[], report: Report): boolean {
  const text = payloadText(report.payload);
  const alike = known.filter(({ payload }) => payloadText(payload) === text);
  const covers = (notice: Notice): boolean =>
    report.name === undefined ? !isRecovered(notice) : isUnfinishedNotice(notice);
  if (report.name === undefined && alike.some((notice) => notice.generatedAtMs >= report.generatedAtMs)) return true;
  const process = report.payload['process_name'];
  if (process === undefined) return alike.some(covers);
  const last = known.findLast(({ payload }) => payload['process_name'] === process);
  return last !== undefined && payloadText(last.payload) === text && covers(last);
}

/** A failure of a host is another one when it has been fenced anew, and that the bridge tells itself. */
function isRecovered({ status, type }: Notice): boolean {
  return type !== 'COMPUTE_HOST' && status === 'finished';
}
