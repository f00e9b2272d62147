import type { EntryStatus, NotificationType } from './registry.ts';

/** Who said it: the bridge, which has a proof, or somebody who reports it to the API and proves nothing (S1); or history. */
export const NOTICE_ORIGINS = {
  bridge: 'a loss that the bridge has proven',
  report: 'told over the API: a claim',
  imported: 'taken over from Masakari, where it had ended',
} as const;

export type NoticeOrigin = keyof typeof NOTICE_ORIGINS;

/** A notification as the API shows it: what was told, and how it stands. Times are milliseconds since the epoch. */
export interface Notice {
  readonly uuid: string;
  /** Grows and is never given twice. */
  readonly number: number;
  readonly origin: NoticeOrigin;
  readonly type: NotificationType;
  /** As Nova names it. */
  readonly host: string;
  readonly sourceHostUuid: string;
  readonly segmentUuid: string | undefined;
  readonly payload: Readonly<Record<string, string>>;
  readonly generatedAtMs: number;
  readonly status: EntryStatus;
  readonly message: string | undefined;
  /** The recovery of a host that answers it; status and message follow that one. */
  readonly recoveryId: string | undefined;
  /** JSON of whoever answers it; nobody else reads it. */
  readonly work: string | undefined;
  readonly createdAtMs: number;
  readonly updatedAtMs: number | undefined;
}

/** As somebody writes it first: the store gives the number and the times. */
export type NewNotice = Omit<Notice, 'number' | 'createdAtMs' | 'updatedAtMs'>;

/** What is written of how it goes on. */
export interface NoticeChange {
  readonly uuid: string;
  readonly status: EntryStatus;
  readonly message: string | undefined;
  /** Left out: stays as it is. */
  readonly work?: string | undefined;
}

export const ENTRY_STATUSES = {
  new: 'is on disk, and nothing was done yet',
  running: 'is being answered, or waits on purpose; the message says for what',
  error: 'its recovery failed, and is tried once more',
  failed: 'its recovery failed; the message says why',
  ignored: 'needs no recovery; the message says why',
  finished: 'its recovery ended well, or there was nothing to do',
} as const satisfies Readonly<Record<EntryStatus, string>>;

export const UNFINISHED = ['new', 'running', 'error'] as const satisfies readonly EntryStatus[];
export const ENDED = ['finished', 'failed', 'ignored'] as const satisfies readonly EntryStatus[];

export function isUnfinishedNotice({ status }: { readonly status: EntryStatus }): boolean {
  return (UNFINISHED as readonly EntryStatus[]).includes(status);
}
