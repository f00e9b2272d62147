import type { JournalFile } from '../../../src/monitor/spool/journal-file.ts';

/** The process was killed: whatever was under way did not return. */
export class Killed extends Error {}

export interface MortalJournal extends JournalFile {
  /** What is on disk. */
  readonly text: string;
}

/**
 * A journal in memory whose process is killed at its effect number `dieAt` (from 1), when `share` of it (0 to 1) is on
 * disk. A half-written line is cut off by whoever opens it next, as the real file does.
 */
export function mortalJournal(text = '', dieAt = Number.POSITIVE_INFINITY, share = 0): MortalJournal {
  let disk = text.slice(0, text.lastIndexOf('\n') + 1);
  let effects = 0;
  const dies = (): boolean => ++effects === dieAt;
  return {
    get text() {
      return disk;
    },
    read: () => disk,
    append(added) {
      if (dies()) {
        disk += added.slice(0, Math.round(added.length * share));
        throw new Killed();
      }
      disk += added;
    },
    replace(whole) {
      if (dies()) {
        if (share === 1) disk = whole;
        throw new Killed();
      }
      disk = whole;
    },
    close: () => undefined,
  };
}
