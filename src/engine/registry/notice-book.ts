import type { Notice, NoticeChange } from './notice.ts';
import type { NotificationType, WorkflowTask } from './registry.ts';

/**
 * What came in and is answered elsewhere than in the recoveries of hosts: who answers a type asks for what is unfinished
 * when it begins, is told of what comes later, and writes down how far it is. Throws as the store does.
 */
export interface NoticeBook {
  /** In state `new`, `running` or `error`, oldest first. */
  unfinished(types: readonly NotificationType[]): Promise<readonly Notice[]>;
  /** Of these types, in any state, on which something was written at or after that moment; oldest first. */
  writtenSince(types: readonly NotificationType[], sinceMs: number): Promise<readonly Notice[]>;
  /** On disk when it resolves. One that is gone (closed and removed) stays gone. */
  save(change: NoticeChange): Promise<void>;
  /** Called once for each that was written since, after it is on disk. What it throws is logged and changes nothing. */
  onNew(listener: (notice: Notice) => void): void;
  /** How `work` of these types is told as Masakari's tasks; nobody's: no tasks. */
  onProgress(types: readonly NotificationType[], tell: (notice: Notice) => readonly WorkflowTask[]): void;
}
