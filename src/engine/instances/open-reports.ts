import type { Clock, Logger } from '../../ports.ts';
import type { NoticeBook } from '../registry/notice-book.ts';
import type { Notice } from '../registry/notice.ts';
import { subjectOf } from '../registry/report-board.ts';
import type { InstanceWork } from './work.ts';

export interface OpenReportsPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly notices: NoticeBook;
  /** It was written down that way. */
  readonly onWritten: (notice: Notice) => void;
}

/** The reports of instances that are not ended. Every change is on disk before it is here. */
export class OpenReports {
  readonly #ports: OpenReportsPorts;
  readonly #notices = new Map<string, Notice>();

  constructor(ports: OpenReportsPorts) {
    this.#ports = ports;
  }

  get size(): number {
    return this.#notices.size;
  }

  get all(): readonly Notice[] {
    return [...this.#notices.values()];
  }

  take(notice: Notice): void {
    this.#notices.set(notice.uuid, notice);
  }

  /** Only here: what the store has of it errs on the safe side. */
  put(notice: Notice, work: InstanceWork): void {
    this.#notices.set(notice.uuid, { ...notice, work: JSON.stringify(work) });
  }

  async save(notice: Notice, message: string, work: InstanceWork): Promise<Notice> {
    const next: Notice = { ...notice, status: 'running', message, work: JSON.stringify(work) };
    await this.#ports.notices.save({ uuid: next.uuid, status: next.status, message, work: next.work });
    this.#notices.set(next.uuid, next);
    this.#ports.onWritten(next);
    return next;
  }

  async show(notice: Notice, message: string): Promise<void> {
    const now = this.#notices.get(notice.uuid) ?? notice;
    if (now.message === message && now.status === 'running') return;
    await this.#ports.notices.save({ uuid: now.uuid, status: 'running', message });
    const next: Notice = { ...now, status: 'running', message };
    this.#notices.set(now.uuid, next);
    this.#ports.onWritten(next);
  }

  async end(notice: Notice, status: 'finished' | 'failed' | 'ignored', message: string): Promise<void> {
    const { clock, logger, notices, onWritten } = this.#ports;
    await notices.save({ uuid: notice.uuid, status, message });
    this.#notices.delete(notice.uuid);
    onWritten({ ...notice, status, message, updatedAtMs: clock.now() });
    const { host } = notice;
    const told = `${subjectOf(notice)} on ${host}: ${status}: ${message}`;
    const fields = { host, instance: subjectOf(notice), notification: notice.uuid };
    if (status === 'failed') logger.error(fields, told);
    else logger.info(fields, told);
  }
}
