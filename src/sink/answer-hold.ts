import type { Hold } from '../bridge/verdict.ts';
import type { ReportAnswer } from '../openstack/masakari.ts';
import type { Report } from './report.ts';

/** Longer than anybody has set Masakari's duplicate_notification_detection_interval to; its default is 180 s. */
const NEAR_MS = 3_600_000;

/**
 * Why Masakari has not taken the failure, if so; undefined: it has. A duplicate is one that somebody else has reported
 * too, unless the only other failure of the host nearby is an earlier one that we have told ourselves.
 */
export function answerHold(report: Report, answer: ReportAnswer, settled: readonly Report[]): Hold | undefined {
  const { host } = report;
  switch (answer.kind) {
    case 'taken':
      return undefined;
    case 'refused':
      return {
        kind: 'masakari-refused',
        reason: `Masakari does not take the report of ${host}: ${answer.said}`,
        remedy: `put it into a segment: openstack segment host create ${host} COMPUTE SSH SEGMENT; then: lifeboat retry ${host}`,
      };
    case 'maintenance':
      if (answer.known) return undefined;
      return {
        kind: 'masakari-refused',
        reason: `Masakari does not take the report of ${host}, which is on maintenance there`,
        remedy: `openstack segment host update SEGMENT ${host} --on_maintenance False; then: lifeboat retry ${host}`,
      };
    case 'duplicate': {
      const earlier = settled.find(
        (other) => other.host === host && other.state === 'told' && report.fencedAtMs - other.fencedAtMs < NEAR_MS,
      );
      if (answer.known || earlier === undefined) return undefined;
      return {
        kind: 'masakari-refused',
        reason: `Masakari takes the failure of ${host} for the one of ${timeOf(earlier.fencedAtMs)}, and does nothing`,
        remedy: `openstack notification create COMPUTE_HOST ${host} NOW '{"event": "STOPPED", "host_status": "NORMAL", "cluster_status": "OFFLINE"}'; then: lifeboat acknowledge ${host}`,
      };
    }
  }
}

/** Of an answer that brings no hold. */
export function toldInWords(answer: ReportAnswer): string {
  return answer.kind === 'taken' ? 'it has taken it' : `it has it already (${'said' in answer ? answer.said : ''})`;
}

function timeOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19);
}
