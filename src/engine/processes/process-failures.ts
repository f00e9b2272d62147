import type { Hold } from '../../bridge/verdict.ts';
import { isLifeboatError } from '../../errors.ts';
import type { Cloud, ComputeService } from '../../openstack/cloud.ts';
import { sleep, type Clock, type Logger } from '../../ports.ts';
import type { Background } from '../background.ts';
import type { NoticeBook } from '../registry/notice-book.ts';
import type { Notice } from '../registry/notice.ts';
import { subjectOf } from '../registry/report-board.ts';
import type { Services } from '../services.ts';
import { judgeStarted, judgeStopped, type ProcessJudgement } from './judge-process.ts';
import { isNovaCompute, type ProcessLimits } from './process-limits.ts';
import { processMark, readProcessMark } from './process-mark.ts';
import { processTasks } from './process-tasks.ts';
import { readProcessWork, type ProcessWork } from './process-work.ts';
import { SignsOfLife } from './signs-of-life.ts';

export interface ProcessFailuresPorts {
  /** Guarded: without the lease, quorum or while paused a change is refused before it leaves. */
  readonly cloud: Cloud;
  readonly services: Pick<Services, 'all' | 'within' | 'forget'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly notices: NoticeBook;
  readonly background: Background;
  readonly limits: ProcessLimits;
  /** Why nothing may be done on the host now: it is lost, no quorum, a pause. */
  readonly holdOn: (host: string) => Hold | undefined;
  /** Why nothing is to be done for the host at all: its segment is disabled, it is on maintenance (S8). */
  readonly leftAlone: (host: string) => Hold | undefined;
  /** A recovery keeps the host out of Nova, and gives it back (S6). */
  readonly isKeptOut: (host: string) => boolean;
  /** It was written down that way. */
  readonly onWritten: (notice: Notice) => void;
}

const LOOK_MS = 2_000;

/**
 * Answers reports of processes: without one of those that are listed the host's compute service is disabled, so that nothing
 * is placed there, and it is enabled again when that is well. What was done stands in Nova, as our mark, and is read from there
 * each time: crash-only. One report after another, so that not more than one call at a time can wait for a compute that is dead.
 */
export class ProcessFailures {
  readonly #ports: ProcessFailuresPorts;
  readonly #open = new Map<string, Notice>();
  /** By report: when it was first looked at, by the clock that does not jump. */
  readonly #seenAtMs = new Map<string, number>();
  readonly #signs = new SignsOfLife();
  #hasRead = false;
  #isRunning = false;
  #isEnabling = false;

  constructor(ports: ProcessFailuresPorts) {
    this.#ports = ports;
    ports.notices.onNew((notice) => {
      if (notice.type !== 'PROCESS') return;
      this.#open.set(notice.uuid, notice);
      if (this.#hasRead) this.#launch();
    });
    ports.notices.onProgress(['PROCESS'], processTasks);
  }

  /** What a former engine had begun, or had only written down. */
  async load(): Promise<void> {
    const begun = await this.#ports.notices.unfinished(['PROCESS']);
    // In the order in which they came: the last one of a process is what stands.
    const later = [...this.#open.values()].filter(({ uuid }) => begun.every((each) => each.uuid !== uuid));
    this.#open.clear();
    for (const notice of [...begun, ...later]) this.#open.set(notice.uuid, notice);
    this.#hasRead = true;
  }

  /** With each look at the cluster. */
  settle(): void {
    if (!this.#hasRead) return;
    const { background, clock, services } = this.#ports;
    this.#signs.see(services.all, clock.monotonic());
    if (!this.#isEnabling) {
      this.#isEnabling = true;
      background.run('compute services of which a process had failed', () =>
        this.#enableTheWell(background.signal).finally(() => (this.#isEnabling = false)),
      );
    }
    this.#launch();
  }

  #launch(): void {
    if (this.#isRunning || this.#open.size === 0) return;
    this.#isRunning = true;
    const { background, clock } = this.#ports;
    background.run('reports of processes', async () => {
      try {
        while (this.#open.size > 0 && !background.signal.aborted) {
          for (const notice of [...this.#open.values()]) await this.#step(notice, background.signal);
          if (this.#open.size > 0) await sleep(clock, LOOK_MS, background.signal);
        }
      } finally {
        this.#isRunning = false;
      }
    });
  }

  async #step(notice: Notice, signal: AbortSignal): Promise<void> {
    const { host } = notice;
    const ended = this.#endWithoutNova(notice);
    if (ended !== undefined) return this.#end(notice, 'ignored', ended);
    const hold = this.#ports.holdOn(host);
    if (hold !== undefined) {
      this.#seenAtMs.delete(notice.uuid);
      return this.#show(notice, `waits: ${hold.reason}`);
    }
    try {
      await this.#act(notice, signal);
    } catch (error) {
      if (signal.aborted || !isLifeboatError(error)) throw error;
      // What Nova made of a call is seen by the next look.
      if (!error.code.startsWith('CLOUD_') && error.code !== 'NOT_ALLOWED') throw error;
      await this.#show(notice, `waits: ${error.message}`);
    }
  }

  #endWithoutNova(notice: Notice): string | undefined {
    const { host } = notice;
    const process = subjectOf(notice);
    const { limits, isKeptOut, leftAlone } = this.#ports;
    if (!limits.processes.includes(process)) {
      return `recorded: nothing is done for ${process} (process_failure.processes); see to ${process} of ${host}`;
    }
    // The last report stands; in order, for one that is overtaken must not undo what the later one did.
    const later = [...this.#open.values()].findLast((each) => each.host === host && subjectOf(each) === process);
    if (later !== undefined && later.number > notice.number) {
      return `overtaken: ${process} of ${host} was reported ${eventOf(later)} since`;
    }
    if (isKeptOut(host)) return `${host} is being recovered: that keeps it out of Nova, and gives it back`;
    const left = leftAlone(host);
    return left && `nothing is done: ${left.reason}`;
  }

  async #act(notice: Notice, signal: AbortSignal): Promise<void> {
    const { clock, limits } = this.#ports;
    const { host } = notice;
    const service = await this.#serviceOf(host, signal);
    const firstSeenMs = this.#seenAtMs.get(notice.uuid) ?? clock.monotonic();
    this.#seenAtMs.set(notice.uuid, firstSeenMs);
    const judge = eventOf(notice) === 'STARTED' ? judgeStarted : judgeStopped;
    const isHeard = this.#signs.isHeardSince(host, firstSeenMs);
    const work = readProcessWork(notice.work, clock.now());
    const lookedForMs = clock.monotonic() - firstSeenMs;
    const facts = { host, process: subjectOf(notice), service, isHeard, lookedForMs, now: clock.now() };
    const judgement = judge(work, facts, limits);
    if (judgement.kind === 'end') return this.#end(notice, judgement.status, judgement.message);
    if (judgement.kind === 'wait') return this.#show(notice, judgement.message);
    if (service === undefined) return;
    await this.#call(notice, judgement, service, signal);
  }

  async #serviceOf(host: string, signal: AbortSignal): Promise<ComputeService | undefined> {
    const { services, clock } = this.#ports;
    const reading = await services.within(LOOK_MS, signal);
    this.#signs.see([...reading.services.values()], clock.monotonic());
    return reading.services.get(host);
  }

  async #call(
    notice: Notice,
    judgement: Extract<ProcessJudgement, { kind: 'enable' | 'disable' }>,
    service: ComputeService,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, cloud, logger, services } = this.#ports;
    const { host } = notice;
    const process = subjectOf(notice);
    const message =
      judgement.kind === 'enable'
        ? `${process} of ${host} runs again: its compute service is being enabled`
        : `its compute service is being disabled for ${judgement.processes.join(' and ')}`;
    await this.#show(notice, message, judgement.work);
    // Asked once more: to write took its time.
    if (this.#ports.holdOn(host) !== undefined || this.#ports.isKeptOut(host)) return;
    logger.warn({ host, process }, `${host}: ${message}`);
    services.forget();
    try {
      if (judgement.kind === 'enable') await cloud.enableService(service.id, signal);
      else {
        const sinceMs = readProcessMark(service.disabledReason)?.sinceMs ?? clock.now();
        const mark = processMark(host, { processes: judgement.processes, sinceMs });
        await cloud.disableService(service.id, mark, signal);
      }
    } finally {
      services.forget();
    }
  }

  /** Monitors of Masakari never say that a process runs again: nova-compute that is heard for long is well. */
  async #enableTheWell(signal: AbortSignal): Promise<void> {
    const { clock, cloud, limits, logger, services } = this.#ports;
    for (const { disabledReason, forcedDown, host, id, state, status } of services.all) {
      const mark = status === 'disabled' ? readProcessMark(disabledReason) : undefined;
      if (mark === undefined || !mark.processes.every(isNovaCompute) || forcedDown || state !== 'up') continue;
      if (this.#signs.steadyMs(host, clock.monotonic()) < limits.wellAfterMs || this.#isReported(host)) continue;
      const { holdOn, isKeptOut, leftAlone } = this.#ports;
      // What was read is up to half a minute old: an operator may have disabled it for another reason since.
      const { services: now } = await services.within(0, signal);
      if (now.get(host)?.disabledReason !== disabledReason) continue;
      if ((holdOn(host) ?? leftAlone(host)) !== undefined || isKeptOut(host)) continue;
      await cloud.enableService(id, signal);
      services.forget();
      logger.warn({ host }, `nova-compute of ${host} is heard again: its compute service is enabled`);
    }
  }

  #isReported(host: string): boolean {
    return [...this.#open.values()].some((notice) => notice.host === host);
  }

  async #show(notice: Notice, message: string, work?: ProcessWork): Promise<void> {
    const now = this.#open.get(notice.uuid) ?? notice;
    const text = work === undefined ? now.work : JSON.stringify(work);
    if (now.message === message && now.status === 'running' && now.work === text) return;
    await this.#ports.notices.save({ uuid: now.uuid, status: 'running', message, work: text });
    const next: Notice = { ...now, status: 'running', message, work: text };
    this.#open.set(now.uuid, next);
    this.#ports.onWritten(next);
  }

  async #end(notice: Notice, status: 'finished' | 'failed' | 'ignored', message: string): Promise<void> {
    await this.#ports.notices.save({ uuid: notice.uuid, status, message });
    this.#open.delete(notice.uuid);
    this.#ports.onWritten({ ...notice, status, message, updatedAtMs: this.#ports.clock.now() });
    this.#seenAtMs.delete(notice.uuid);
    const { host, uuid } = notice;
    const told = `${subjectOf(notice)} of ${host}, reported ${eventOf(notice)}: ${status}: ${message}`;
    const fields = { host, process: subjectOf(notice), notification: uuid };
    if (status === 'failed') this.#ports.logger.error(fields, told);
    else this.#ports.logger.info(fields, told);
  }
}

function eventOf({ payload }: Notice): string {
  return payload['event'] ?? 'STOPPED';
}
