import { crc32 } from 'node:zlib';
import type { Report } from './report.ts';

/** What a journal says, line by line; each line tells of one report. */
export type JournalEntry =
  | { readonly kind: 'report'; readonly report: Report }
  /** The engine has it. */
  | { readonly kind: 'told'; readonly id: string }
  /** The engine does not take it. */
  | { readonly kind: 'aside'; readonly id: string; readonly reason: string; readonly atMs: number }
  /** The spool was full. */
  | { readonly kind: 'dropped'; readonly id: string }
  /** It was put aside, and is to be sent again, after all that waits. */
  | { readonly kind: 'again'; readonly id: string }
  /** It was put aside, and an operator knows of it. */
  | { readonly kind: 'forgotten'; readonly id: string };

/** Eight digits of a checksum, a blank, JSON without a line end, a line end. */
export function lineOf(entry: JournalEntry): string {
  const json = JSON.stringify(entry);
  return `${checksum(json)} ${json}\n`;
}

/** Without its line end. Undefined when it is damaged: no line that was written whole is. */
export function readLine(line: string): JournalEntry | undefined {
  const json = line.slice(9);
  if (line[8] !== ' ' || line.slice(0, 8) !== checksum(json)) return undefined;
  try {
    return JSON.parse(json) as JournalEntry;
  } catch {
    return undefined;
  }
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
