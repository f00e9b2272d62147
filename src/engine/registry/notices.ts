import { messageOf } from '../../errors.ts';
import type { Logger } from '../../ports.ts';
import type { RegistryStore } from '../store/registry-store.ts';
import type { NoticeBook } from './notice-book.ts';
import { UNFINISHED, type Notice, type NoticeChange } from './notice.ts';
import type { NotificationType, WorkflowTask } from './registry.ts';

export interface NoticesPorts {
  readonly store: Pick<RegistryStore, 'listNotices' | 'saveNotice'>;
  readonly logger: Logger;
}

/** The book of notices over the store. */
export class Notices implements NoticeBook {
  readonly #ports: NoticesPorts;
  readonly #listeners: ((notice: Notice) => void)[] = [];
  readonly #tellers = new Map<NotificationType, (notice: Notice) => readonly WorkflowTask[]>();

  constructor(ports: NoticesPorts) {
    this.#ports = ports;
  }

  unfinished(types: readonly NotificationType[]): Promise<readonly Notice[]> {
    return this.#ports.store.listNotices({
      where: [
        { column: 'type', is: 'in', value: types },
        { column: 'status', is: 'in', value: UNFINISHED },
      ],
      order: [{ column: 'number', direction: 'asc' }],
    });
  }

  writtenSince(types: readonly NotificationType[], sinceMs: number): Promise<readonly Notice[]> {
    return this.#ports.store.listNotices({
      where: [
        { column: 'type', is: 'in', value: types },
        { column: 'updated_at', is: '>=', value: sinceMs },
      ],
      order: [{ column: 'number', direction: 'asc' }],
    });
  }

  save(change: NoticeChange): Promise<void> {
    return this.#ports.store.saveNotice(change);
  }

  onNew(listener: (notice: Notice) => void): void {
    this.#listeners.push(listener);
  }

  onProgress(types: readonly NotificationType[], tell: (notice: Notice) => readonly WorkflowTask[]): void {
    for (const type of types) this.#tellers.set(type, tell);
  }

  progressOf(notice: Notice): readonly WorkflowTask[] {
    return this.#tellers.get(notice.type)?.(notice) ?? [];
  }

  /** It is on disk, whatever whoever listens makes of it. */
  tell(notice: Notice): void {
    for (const listener of this.#listeners) {
      try {
        listener(notice);
      } catch (error) {
        const { host, type, uuid } = notice;
        this.#ports.logger.error(
          { host, notification: uuid, error: messageOf(error) },
          `the ${type} notification of ${host} was not taken up, and waits for the next start: ${messageOf(error)}`,
        );
      }
    }
  }
}
