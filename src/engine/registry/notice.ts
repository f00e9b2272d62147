import type { EntryStatus, NotificationType } from './registry.ts';

/** A notification as the API shows it, ours or another's: what was told, and how it stands. Times as everywhere in ms. */
export interface Notice {
  readonly uuid: string;
  /** Grows and is never given twice. */
  readonly number: number;
  readonly type: NotificationType;
  /** As Nova names it. */
  readonly host: string;
  readonly sourceHostUuid: string;
  readonly segmentUuid: string | undefined;
  readonly payload: Readonly<Record<string, string>>;
  readonly generatedAtMs: number;
  readonly status: EntryStatus;
  readonly message: string | undefined;
  /** The recovery of a host that answers it. */
  readonly recoveryId: string | undefined;
  /** JSON of whoever answers it; nobody else reads it. */
  readonly work: string | undefined;
  readonly createdAtMs: number;
  readonly updatedAtMs: number | undefined;
}

/** What is written of how it goes on. What is left out stays as it is; undefined takes it away. */
export interface NoticeChange {
  readonly uuid: string;
  readonly status: EntryStatus;
  readonly message: string | undefined;
  readonly work?: string | undefined;
}

export const UNFINISHED = ['new', 'running', 'error'] as const satisfies readonly EntryStatus[];
export const ENDED = ['finished', 'failed', 'ignored'] as const satisfies readonly EntryStatus[];
