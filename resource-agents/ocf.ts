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

/** Seen with Pacemaker 2.1.5: crm_mon and the CIB keep the first 128 bytes of a reason and cut the rest without a mark. */
export const REASON_LIMIT = 128;

/** Pacemaker takes the last line of stderr that begins with this prefix as the exit reason, up to the line's end. */
export function writeReason(reason: string): void {
  writeSync(2, `ocf-exit-reason:${oneLine(reason)}\n`);
}

/** Without line ends and control characters, and no longer than Pacemaker keeps; what was cut ends in three dots. */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what has to go
  const flat = text.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim();
  if (fits(flat)) return flat;
  // Whole characters only: half of one would be no UTF-8, and the CIB is XML.
  const characters = [...flat];
  while (!fits(`${characters.join('')}...`)) characters.pop();
  return `${characters.join('')}...`;
}

export function fits(reason: string): boolean {
  return Buffer.byteLength(reason) <= REASON_LIMIT;
}
