import type { MonitorNotification } from '../../compute/notification.ts';
import { messageOf } from '../../errors.ts';
import type { Clock, Logger } from '../../ports.ts';
import type { JournalFile } from './journal-file.ts';
import { lineOf, readLine, type JournalEntry } from './journal-line.ts';
import { inWords, reportOf, weightOf, type PutAside, type Report } from './report.ts';

export interface SpoolPorts {
  readonly file: JournalFile;
  /** So many reports wait at the most, but for those that the engine would act upon: they are always taken. */
  readonly limit: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Ids that the engine has taken, against being told the same once more. */
const KNOWN = 1_000;
/** Put aside, and kept to be shown. */
const ASIDE = 100;
/** Lines that tell of nothing any more, before the file is written anew. */
const USELESS = 1_000;
const RETRY_MS = 5_000;

/**
 * What was told and is not delivered yet, in its order.
 *
 * Invariant (S4): a report that `add` has answered `kept` is on disk until the engine has it, or it is told why not. Where
 * the disk takes nothing it is kept in memory, sent all the same, and written as soon as that is possible.
 */
export class Spool {
  readonly #ports: SpoolPorts;
  readonly #waiting = new Map<string, Report>();
  readonly #aside = new Map<string, PutAside>();
  readonly #told = new Set<string>();
  #lines = 0;
  #unwritten: JournalEntry[] = [];
  #trouble: string | undefined;
  #cancelRetry: (() => void) | undefined;
  #dropped = 0;

  /** Takes up what an earlier process has left. Throws SPOOL_UNUSABLE. */
  constructor(ports: SpoolPorts) {
    this.#ports = ports;
    const lines = ports.file.read().split('\n').slice(0, -1);
    const entries = lines.map(readLine);
    for (const entry of entries) if (entry !== undefined) this.#apply(entry);
    this.#lines = lines.length;
    const damaged = entries.filter((entry) => entry === undefined).length;
    if (damaged > 0) {
      const told = `${damaged} lines of the spool are damaged: what they told of is lost; check the disk of this host`;
      ports.logger.error({ damaged }, told);
    }
    if (this.#waiting.size > 0)
      ports.logger.info({ waiting: this.#waiting.size }, `${this.#waiting.size} reports wait from before`);
  }

  /** `memory`: the disk takes nothing, and a kill would lose it. */
  add(notification: MonitorNotification): 'kept' | 'memory' | 'known' | 'dropped' {
    const { clock, logger } = this.#ports;
    const report = reportOf(notification, clock.now());
    if (this.#waiting.has(report.id) || this.#aside.has(report.id) || this.#told.has(report.id)) return 'known';
    if (!this.#hasRoomFor(report)) return 'dropped';
    const written = this.#write({ kind: 'report', report });
    logger.info({ report: report.id, ...notification }, `noticed: ${inWords(notification)}`);
    return written ? 'kept' : 'memory';
  }

  /** The first in line. */
  next(): Report | undefined {
    return this.#waiting.values().next().value;
  }

  told(id: string): void {
    if (this.#waiting.has(id)) this.#settle({ kind: 'told', id });
  }

  putAside(id: string, reason: string): void {
    if (this.#waiting.has(id)) this.#settle({ kind: 'aside', id, reason, atMs: this.#ports.clock.now() });
  }

  /** All that was put aside waits again, behind the others. Answers how many. */
  sendAgain(): number {
    const ids = [...this.#aside.keys()];
    for (const id of ids) this.#settle({ kind: 'again', id });
    return ids.length;
  }

  /** An operator knows of what was put aside. Answers how much it was. */
  forget(): number {
    const ids = [...this.#aside.keys()];
    for (const id of ids) this.#settle({ kind: 'forgotten', id });
    return ids.length;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get aside(): readonly PutAside[] {
    return [...this.#aside.values()];
  }

  /** Since this process began. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Why the disk takes nothing; undefined while it does. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  close(): void {
    this.#cancelRetry?.();
    this.#ports.file.close();
  }

  /** Makes room, if need be, by what matters least: the oldest report that the engine would only write down. */
  #hasRoomFor(report: Report): boolean {
    const { limit, logger } = this.#ports;
    if (this.#waiting.size < limit) return true;
    const least = [...this.#waiting.values()].find(({ notification }) => weightOf(notification) === 'record');
    if (least === undefined && weightOf(report.notification) === 'recover') return true;
    if (this.#dropped === 0) {
      const told = `${limit} reports wait: from now on the oldest that only tells of something is dropped for each new one`;
      logger.error({ limit }, told);
    }
    this.#dropped += 1;
    logger.warn({ report: (least ?? report).id }, `dropped: ${inWords((least ?? report).notification)}`);
    if (least !== undefined) this.#settle({ kind: 'dropped', id: least.id });
    return least !== undefined;
  }

  #settle(entry: JournalEntry): void {
    this.#write(entry);
    if (this.#lines > USELESS + 2 * (this.#waiting.size + this.#aside.size + this.#told.size)) this.#renew();
  }

  /** Answers whether it is on disk. */
  #write(entry: JournalEntry): boolean {
    this.#apply(entry);
    this.#unwritten.push(entry);
    return this.#flush();
  }

  #flush(): boolean {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    const { clock, file } = this.#ports;
    try {
      file.append(this.#unwritten.map(lineOf).join(''));
      this.#written(this.#lines + this.#unwritten.length);
      return true;
    } catch (error) {
      this.#failed(error);
      this.#cancelRetry = clock.schedule(RETRY_MS, () => {
        this.#flush();
      });
      return false;
    }
  }

  /** The file as it would be, had nothing been told of what is over. It may do so where nothing can be appended. */
  #renew(): void {
    const told = [...this.#told].map((id): JournalEntry => ({ kind: 'told', id }));
    const aside = [...this.#aside.values()].flatMap(({ atMs, reason, report }): readonly JournalEntry[] => [
      { kind: 'report', report },
      { kind: 'aside', id: report.id, reason, atMs },
    ]);
    const waiting = [...this.#waiting.values()].map((report): JournalEntry => ({ kind: 'report', report }));
    const entries = [...told, ...aside, ...waiting];
    try {
      this.#ports.file.replace(entries.map(lineOf).join(''));
      this.#written(entries.length);
    } catch (error) {
      this.#failed(error);
    }
  }

  #written(lines: number): void {
    this.#unwritten = [];
    this.#lines = lines;
    if (this.#trouble !== undefined) this.#ports.logger.info({}, 'the spool can be written again');
    this.#trouble = undefined;
  }

  #failed(error: unknown): void {
    const trouble = messageOf(error);
    const told = `${trouble}; reports are kept in memory, and lost when the monitor ends: make room on the disk`;
    if (trouble !== this.#trouble) this.#ports.logger.error({}, told);
    this.#trouble = trouble;
  }

  #apply(entry: JournalEntry): void {
    switch (entry.kind) {
      case 'report':
        this.#waiting.set(entry.report.id, entry.report);
        return;
      case 'told':
        this.#waiting.delete(entry.id);
        this.#told.delete(entry.id);
        this.#told.add(entry.id);
        dropFirst(this.#told, KNOWN);
        return;
      case 'aside': {
        const report = this.#waiting.get(entry.id);
        this.#waiting.delete(entry.id);
        if (report !== undefined) this.#aside.set(entry.id, { report, reason: entry.reason, atMs: entry.atMs });
        dropFirst(this.#aside, ASIDE);
        return;
      }
      case 'dropped':
        this.#waiting.delete(entry.id);
        return;
      case 'again': {
        const found = this.#aside.get(entry.id);
        this.#aside.delete(entry.id);
        if (found !== undefined) this.#waiting.set(entry.id, found.report);
        return;
      }
      case 'forgotten':
        this.#aside.delete(entry.id);
    }
  }
}

function dropFirst(from: Set<string> | Map<string, unknown>, most: number): void {
  if (from.size > most) from.delete(from.keys().next().value ?? '');
}
