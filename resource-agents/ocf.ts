import { writeSync } from 'node:fs';

/** Exit codes of the OCF resource agent API 1.1 that we use, as Pacemaker reads them. */
export const OCF = {
  ok: 0,
  /** Soft: Pacemaker recovers the resource. */
  failed: 1,
  /** Hard: not on this node. */
  badArguments: 2,
  unimplemented: 3,
  /** Hard: not on this node. */
  forbidden: 4,
  /** Hard: not on this node. */
  notInstalled: 5,
  notRunning: 7,
  /** A success for Pacemaker, shown by crm_mon with its reason. */
  degraded: 190,
} as const;

export type OcfCode = (typeof OCF)[keyof typeof OCF];

/** How an action ended. `reason` is what an operator reads in crm_mon. */
export interface Outcome {
  readonly code: OcfCode;
  readonly reason?: string;
}

const REASON_LIMIT = 250;

/** Pacemaker takes the last line of stderr that begins with this prefix as the exit reason, up to the line's end. */
export function writeReason(reason: string): void {
  writeSync(2, `ocf-exit-reason:${oneLine(reason)}\n`);
}

/** Without line ends and control characters, and short enough for a line of crm_mon. */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what has to go
  const flat = text.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim();
  return flat.length <= REASON_LIMIT ? flat : `${flat.slice(0, REASON_LIMIT - 1)}…`;
}
