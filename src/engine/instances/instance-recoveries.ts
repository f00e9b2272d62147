import type { Hold } from '../../bridge/verdict.ts';
import { isLifeboatError } from '../../errors.ts';
import type { Cloud, Instance } from '../../openstack/cloud.ts';
import { sleep, type Clock, type Logger } from '../../ports.ts';
import type { Background } from '../background.ts';
import type { NoticeBook } from '../registry/notice-book.ts';
import type { Notice } from '../registry/notice.ts';
import { subjectOf } from '../registry/report-board.ts';
import type { WorkflowTask } from '../registry/registry.ts';
import { answerTo, type EventAnswer } from './events.ts';
import { judgeInstance, type InstanceLimits } from './judge-instance.ts';
import { readWork, type InstanceWork } from './work.ts';

export interface InstanceRecoveriesPorts {
  /** Guarded: without the lease, quorum or while paused a change is refused before it leaves. */
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly notices: NoticeBook;
  readonly background: Background;
  readonly limits: InstanceLimits;
  /** By event/detail, before what is usual. */
  readonly answers: Readonly<Record<string, EventAnswer>>;
  /** Why nothing may be done on the host now: it is lost or being recovered, no quorum, a pause, a disabled segment. */
  readonly holdOn: (host: string) => Hold | undefined;
  readonly reasonToLeave: (instance: Instance) => string | undefined;
  /** It was written down that way. */
  readonly onWritten: (notice: Notice) => void;
}

const LOOK_MS = 1_000;
/** While all that is left waits for something else than Nova. */
const IDLE_LOOK_MS = 5_000;
const AT_ONE_TIME = 10;

/** Stops and starts instances whose guest has died, one notification for each. Crash-only, as the recoveries of hosts. */
export class InstanceRecoveries {
  readonly #ports: InstanceRecoveriesPorts;
  readonly #open = new Map<string, Notice>();
  /** By instance: when it was started anew, as far back as the limit looks. */
  readonly #restarts = new Map<string, readonly number[]>();
  #hasRead = false;
  #isRunning = false;

  constructor(ports: InstanceRecoveriesPorts) {
    this.#ports = ports;
    ports.notices.onNew((notice) => {
      if (notice.type !== 'VM') return;
      this.#open.set(notice.uuid, notice);
      if (this.#hasRead) this.#launch();
    });
    ports.notices.onProgress(['VM'], (notice) => tasksOf(notice));
  }

  /** What a former engine had begun, or had only written down. */
  async load(): Promise<void> {
    const { clock, limits, notices } = this.#ports;
    for (const notice of await notices.unfinished(['VM'])) this.#open.set(notice.uuid, notice);
    for (const notice of await notices.writtenSince(['VM'], clock.now() - limits.withinMs)) {
      const { restartedAtMs } = readWork(notice.work, clock.now());
      if (restartedAtMs !== undefined) this.#noteRestart(subjectOf(notice), restartedAtMs);
    }
    this.#hasRead = true;
  }

  /** With each look at the cluster. */
  settle(): void {
    if (this.#hasRead) this.#launch();
  }

  #launch(): void {
    if (this.#isRunning || this.#open.size === 0) return;
    this.#isRunning = true;
    const { background, clock } = this.#ports;
    background.run('the recovery of instances', async () => {
      try {
        while (this.#open.size > 0 && !background.signal.aborted) {
          const isWaiting = await this.#round(background.signal);
          await sleep(clock, isWaiting ? IDLE_LOOK_MS : LOOK_MS, background.signal);
        }
      } finally {
        this.#isRunning = false;
      }
    });
  }

  /** One look at each. Answers whether all of them wait for something else than Nova. */
  async #round(signal: AbortSignal): Promise<boolean> {
    const notices = [...this.#open.values()];
    let isWaiting = true;
    for (let begin = 0; begin < notices.length; begin += AT_ONE_TIME) {
      const some = notices.slice(begin, begin + AT_ONE_TIME);
      const waits = await Promise.all(some.map((notice) => this.#step(notice, signal)));
      isWaiting &&= waits.every(Boolean);
    }
    return isWaiting;
  }

  async #step(notice: Notice, signal: AbortSignal): Promise<boolean> {
    const { event = '', vir_domain_event: detail = '' } = notice.payload;
    if (answerTo(event, detail, this.#ports.answers) === 'record') {
      await this.#end(notice, 'ignored', `recorded: ${event} ${detail} is no failure of the instance`);
      return false;
    }
    // One death is often reported twice (a panic, then the end of its QEMU), and it must not be restarted twice for it.
    const earlier = [...this.#open.values()].find((each) => subjectOf(each) === subjectOf(notice));
    if (earlier !== undefined && earlier.number < notice.number) {
      await this.#show(notice, 'waits: an earlier report of the same instance is being answered');
      return true;
    }
    const hold = this.#ports.holdOn(notice.host);
    if (hold !== undefined) {
      const isNoneOfOurs = hold.kind === 'segment-disabled' || hold.kind === 'host-on-maintenance';
      // What was begun is not left in the middle; what was not would keep its segment from being changed.
      if (isNoneOfOurs && readWork(notice.work, 0).step === 'looking') {
        await this.#end(notice, 'ignored', `nothing is done: ${hold.reason}`);
        return false;
      }
      await this.#show(notice, `waits: ${hold.reason}`);
      return true;
    }
    try {
      await this.#act(notice, signal);
    } catch (error) {
      if (signal.aborted || !isLifeboatError(error)) throw error;
      // What Nova made of a call is seen by the next look; while it does not answer nothing is lost.
      if (error.code.startsWith('CLOUD_') || error.code === 'NOT_ALLOWED') {
        await this.#show(notice, `waits: ${error.message}`);
        return true;
      }
      throw error;
    }
    return false;
  }

  async #act(notice: Notice, signal: AbortSignal): Promise<void> {
    const { clock, cloud, limits, logger, reasonToLeave } = this.#ports;
    const id = subjectOf(notice);
    const work = readWork(notice.work, clock.now());
    const instance = await cloud.instance(id, signal);
    const mayBeActedOn = work.step === 'looking' && instance?.host === notice.host && instance.taskState === undefined;
    const judgement = judgeInstance(
      work,
      {
        instance,
        host: notice.host,
        reportedAtMs: notice.generatedAtMs,
        lastAction: mayBeActedOn ? await cloud.lastAction(id, signal) : undefined,
        reasonToLeave: instance && reasonToLeave(instance),
        restarts: this.#restartsOf(id),
        now: clock.now(),
      },
      limits,
    );
    if (judgement.kind === 'end') return this.#end(notice, judgement.status, judgement.message);
    if (judgement.kind === 'wait') return this.#show(notice, judgement.message);
    const { action } = judgement;
    const message = action === 'stop' ? 'its guest has died; it is being stopped' : 'it is being started again';
    const next = await this.#save(notice, message, judgement.work);
    // Asked once more: to write took its time.
    if (this.#ports.holdOn(notice.host) !== undefined) return;
    logger.info({ host: next.host, instance: id }, `${instance?.name ?? id} on ${next.host}: ${message}`);
    if (action === 'start' && work.step !== 'starting') this.#noteRestart(id, clock.now());
    try {
      await cloud.act(id, action, signal);
    } catch (error) {
      // It is in that state already, or something else is under way: the next look tells.
      if (!isLifeboatError(error, 'CLOUD_CONFLICT')) throw error;
    }
  }

  #restartsOf(id: string): number {
    const since = this.#ports.clock.now() - this.#ports.limits.withinMs;
    return (this.#restarts.get(id) ?? []).filter((atMs) => atMs >= since).length;
  }

  #noteRestart(id: string, nowMs: number): void {
    const recent = (this.#restarts.get(id) ?? []).filter((atMs) => atMs >= nowMs - this.#ports.limits.withinMs);
    this.#restarts.set(id, [...recent, nowMs]);
  }

  async #save(notice: Notice, message: string, work: InstanceWork): Promise<Notice> {
    const next: Notice = { ...notice, status: 'running', message, work: JSON.stringify(work) };
    await this.#ports.notices.save({ uuid: next.uuid, status: next.status, message, work: next.work });
    this.#open.set(next.uuid, next);
    this.#ports.onWritten(next);
    return next;
  }

  async #show(notice: Notice, message: string): Promise<void> {
    const now = this.#open.get(notice.uuid) ?? notice;
    if (now.message === message && now.status === 'running') return;
    await this.#ports.notices.save({ uuid: now.uuid, status: 'running', message });
    const next: Notice = { ...now, status: 'running', message };
    this.#open.set(now.uuid, next);
    this.#ports.onWritten(next);
  }

  async #end(notice: Notice, status: 'finished' | 'failed' | 'ignored', message: string): Promise<void> {
    await this.#ports.notices.save({ uuid: notice.uuid, status, message });
    this.#open.delete(notice.uuid);
    this.#ports.onWritten({ ...notice, status, message, updatedAtMs: this.#ports.clock.now() });
    const { host } = notice;
    const told = `${subjectOf(notice)} on ${host}: ${status}: ${message}`;
    const fields = { host, instance: subjectOf(notice), notification: notice.uuid };
    if (status === 'failed') this.#ports.logger.error(fields, told);
    else this.#ports.logger.info(fields, told);
  }
}

/** As Masakari names them. */
function tasksOf({ createdAtMs, message, status, updatedAtMs, work }: Notice): readonly WorkflowTask[] {
  const step = readWork(work, createdAtMs).step;
  if (work === undefined) return [];
  const atMs = updatedAtMs ?? createdAtMs;
  const isStarting = step === 'starting';
  const ended = status === 'finished' ? 'SUCCESS' : status === 'failed' ? 'FAILURE' : undefined;
  const task = (name: string, state: WorkflowTask['state'], text: string): WorkflowTask => {
    const progress = state === 'SUCCESS' ? 1 : 0;
    return { name, state, progress, steps: [{ atMs, message: text, progress }] };
  };
  return [
    task(
      'stop_instance_task',
      isStarting ? 'SUCCESS' : (ended ?? 'RUNNING'),
      isStarting ? 'it is stopped' : (message ?? ''),
    ),
    ...(isStarting ? [task('start_instance_task', ended ?? 'RUNNING', message ?? '')] : []),
  ];
}
