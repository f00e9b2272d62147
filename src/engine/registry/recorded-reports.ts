import { messageOf } from '../../errors.ts';
import type { Logger } from '../../ports.ts';
import type { NoticeBook } from './notice-book.ts';
import type { Notice } from './notice.ts';
import type { NotificationType } from './registry.ts';

const RECORDED = ['PROCESS'] as const satisfies readonly NotificationType[];

export interface RecordedReportsPorts {
  readonly notices: NoticeBook;
  readonly logger: Logger;
}

/**
 * Reports of processes are recorded, and nothing is done for them yet: they end at once, and say so. One that stayed open would
 * keep its segment from being changed, for ever.
 */
export class RecordedReports {
  readonly #ports: RecordedReportsPorts;
  #owed: readonly Notice[] = [];
  #hasRead = false;

  constructor(ports: RecordedReportsPorts) {
    this.#ports = ports;
    ports.notices.onNew((notice) => {
      if (!RECORDED.some((type) => type === notice.type)) return;
      this.#owed = [...this.#owed, notice];
      void this.settle();
    });
  }

  /** What could not be written before is written now. */
  async settle(): Promise<void> {
    const { logger, notices } = this.#ports;
    try {
      if (!this.#hasRead) this.#owed = [...(await notices.unfinished(RECORDED)), ...this.#owed];
      this.#hasRead = true;
      for (const notice of this.#owed) {
        await notices.save({ uuid: notice.uuid, status: 'ignored', message: wordsFor(notice) });
        this.#owed = this.#owed.filter((each) => each !== notice);
      }
    } catch (error) {
      logger.warn({ error: messageOf(error) }, `reports wait for the store: ${messageOf(error)}`);
    }
  }
}

function wordsFor({ host, payload }: Notice): string {
  const what = `${payload['process_name'] ?? 'a process'} of ${host}`;
  return `recorded: Lifeboat does nothing for a process yet; see to ${what}`;
}
