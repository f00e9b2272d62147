import type { Notice } from '../registry/notice.ts';
import { subjectOf } from '../registry/report-board.ts';
import type { InstanceLimits } from './instance-limits.ts';
import { RecentTimes } from './recent-times.ts';
import { readWork, type InstanceWork } from './work.ts';

/** What was done to each instance lately, over all reports, as far back as the limits look. Times are ms since the epoch. */
export class InstanceHistory {
  /** How far back the limits look, ms. */
  readonly spanMs: number;
  readonly #restarts: RecentTimes;
  readonly #migrations: RecentTimes;

  constructor({ whenExhausted, withinMs }: InstanceLimits) {
    const againAfterMs = whenExhausted.kind === 'migrate' ? whenExhausted.againAfterMs : 0;
    this.spanMs = Math.max(withinMs, againAfterMs);
    this.#restarts = new RecentTimes(withinMs);
    this.#migrations = new RecentTimes(againAfterMs);
  }

  /** Of a former engine. */
  read(notice: Notice): void {
    this.note(subjectOf(notice), readWork(undefined, 0), readWork(notice.work, 0));
  }

  /** What the work of a report says now and did not say before. */
  note(id: string, before: InstanceWork, work: InstanceWork): void {
    if (work.restartedAtMs !== undefined && before.restartedAtMs === undefined) {
      this.#restarts.note(id, work.restartedAtMs);
    }
    if (work.migration !== undefined && before.migration === undefined) this.#migrations.note(id, work.migration.atMs);
  }

  restarts(id: string, nowMs: number): number {
    return this.#restarts.of(id, nowMs).length;
  }

  /** When it was decided last that it is brought to another host. */
  migratedAtMs(id: string, nowMs: number): number | undefined {
    return this.#migrations.of(id, nowMs).at(-1);
  }
}
