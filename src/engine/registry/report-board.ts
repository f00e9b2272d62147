import type { Clock } from '../../ports.ts';
import type { NoticeBook } from './notice-book.ts';
import type { Notice } from './notice.ts';
import { isUnfinishedNotice } from './notice.ts';
import type { NotificationType } from './registry.ts';

const TYPES = ['VM', 'PROCESS'] as const satisfies readonly NotificationType[];
/** How long one that failed is shown. */
const SHOWN_MS = 3_600_000;

export interface ReportBoardPorts {
  readonly notices: Pick<NoticeBook, 'unfinished' | 'writtenSince'>;
  readonly clock: Clock;
  /** Something that is shown has changed. */
  readonly onChange: () => void;
}

/** Reports of instances and processes for an operator's eyes: those at work, and those that failed lately. */
export class ReportBoard {
  readonly #ports: ReportBoardPorts;
  readonly #notices = new Map<string, Notice>();

  constructor(ports: ReportBoardPorts) {
    this.#ports = ports;
  }

  /** As a former engine left it. */
  async load(): Promise<void> {
    const { clock, notices } = this.#ports;
    const lately = await notices.writtenSince(TYPES, clock.now() - SHOWN_MS);
    for (const notice of [...lately, ...(await notices.unfinished(TYPES))]) this.#keep(notice);
  }

  /** As it has just been written. */
  note(notice: Notice): void {
    this.#keep(notice);
    this.#ports.onChange();
  }

  /** At work first, in the order in which they came. */
  get shown(): readonly Notice[] {
    const sinceMs = this.#ports.clock.now() - SHOWN_MS;
    const all = [...this.#notices.values()];
    for (const { status, updatedAtMs, uuid } of all) {
      if (status === 'failed' && (updatedAtMs ?? 0) < sinceMs) this.#notices.delete(uuid);
    }
    const left = [...this.#notices.values()].toSorted((a, b) => a.number - b.number);
    return [...left.filter(isUnfinishedNotice), ...left.filter((notice) => !isUnfinishedNotice(notice))];
  }

  #keep(notice: Notice): void {
    this.#notices.delete(notice.uuid);
    if (isUnfinishedNotice(notice) || notice.status === 'failed') this.#notices.set(notice.uuid, notice);
    if (notice.status !== 'finished') return;
    // What had failed before is well now.
    for (const [uuid, other] of this.#notices) {
      if (other.status === 'failed' && other.host === notice.host && subjectOf(other) === subjectOf(notice)) {
        this.#notices.delete(uuid);
      }
    }
  }
}

/** The id of the instance, or the name of the process. */
export function subjectOf({ payload, type }: Pick<Notice, 'payload' | 'type'>): string {
  return (type === 'VM' ? payload['instance_uuid'] : payload['process_name']) ?? '';
}
