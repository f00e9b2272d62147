import type { Hold } from '../../bridge/verdict.ts';
import { isLifeboatError } from '../../errors.ts';
import type { Cloud, Instance } from '../../openstack/cloud.ts';
import { sleep, type Clock, type Logger } from '../../ports.ts';
import type { Background } from '../background.ts';
import { isEnded, type Move } from '../move.ts';
import type { NoticeBook } from '../registry/notice-book.ts';
import type { Notice } from '../registry/notice.ts';
import { subjectOf } from '../registry/report-board.ts';
import { sendOutcome } from '../send-outcome.ts';
import { answerTo, type EventAnswer } from './events.ts';
import { instanceTasks } from './instance-tasks.ts';
import { judgeInstance, type InstanceLimits } from './judge-instance.ts';
import { RestartLog } from './restart-log.ts';
import { handedOver, readWork, uncounted, type InstanceWork } from './work.ts';

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
  /** Why nothing may be done on the host now, however it is: no quorum, a pause, a disabled segment. */
  readonly holdOn: (host: string) => Hold | undefined;
  /** Why nothing may be done on it: it is lost or being recovered, and its recovery covers its instances. */
  readonly hostHold: (host: string) => Hold | undefined;
  /** How the newest recovery of the host has moved the instance; undefined: there is no move of it. */
  readonly moveFrom: (host: string, instanceId: string) => Move | undefined;
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
  readonly #restarts: RestartLog;
  /** By report: since when Nova is waited for. What passes in a pause, or while its API is away, is not held against it. */
  readonly #waitsSinceMs = new Map<string, number>();
  #hasRead = false;
  #isRunning = false;

  constructor(ports: InstanceRecoveriesPorts) {
    this.#ports = ports;
    this.#restarts = new RestartLog(ports.limits.withinMs);
    ports.notices.onNew((notice) => {
      if (notice.type !== 'VM') return;
      this.#open.set(notice.uuid, notice);
      if (this.#hasRead) this.#launch();
    });
    ports.notices.onProgress(['VM'], (notice) => instanceTasks(notice));
  }

  /** What a former engine had begun, or had only written down. */
  async load(): Promise<void> {
    const { clock, limits, notices } = this.#ports;
    for (const notice of await notices.unfinished(['VM'])) this.#open.set(notice.uuid, notice);
    for (const notice of await notices.writtenSince(['VM'], clock.now() - limits.withinMs)) {
      const { restartedAtMs } = readWork(notice.work, clock.now());
      if (restartedAtMs !== undefined) this.#restarts.note(subjectOf(notice), restartedAtMs);
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
    const hold = this.#holdOf(notice);
    if (hold !== undefined) {
      const isNoneOfOurs = hold.kind === 'segment-disabled' || hold.kind === 'host-on-maintenance';
      // What was begun is not left in the middle; what was not would keep its segment from being changed.
      if (isNoneOfOurs && readWork(notice.work, 0).step === 'looking') {
        await this.#end(notice, 'ignored', `nothing is done: ${hold.reason}`);
        return false;
      }
      return this.#wait(notice, hold.reason);
    }
    try {
      return await this.#act(notice, signal);
    } catch (error) {
      if (signal.aborted || !isLifeboatError(error)) throw error;
      // What Nova made of a call is seen by the next look; while it does not answer nothing is lost.
      if (error.code.startsWith('CLOUD_') || error.code === 'NOT_ALLOWED') return this.#wait(notice, error.message);
      throw error;
    }
  }

  #holdOf(notice: Notice): Hold | undefined {
    const { holdOn, hostHold, moveFrom } = this.#ports;
    const home = homeOf(notice);
    const own = holdOn(home);
    if (own !== undefined) return own;
    const lost = hostHold(home);
    // Where the recovery of the host has brought the instance is known to Nova alone.
    return lost !== undefined && moveFrom(home, subjectOf(notice))?.state === 'done' ? undefined : lost;
  }

  /** Something else than Nova is waited for. */
  async #wait(notice: Notice, reason: string): Promise<true> {
    this.#waitsSinceMs.delete(notice.uuid);
    await this.#show(notice, `waits: ${reason}`);
    return true;
  }

  /** Answers whether it waits for something else than Nova. */
  async #act(notice: Notice, signal: AbortSignal): Promise<boolean> {
    const { clock, cloud, holdOn, hostHold, limits, logger, moveFrom, reasonToLeave } = this.#ports;
    const id = subjectOf(notice);
    const home = homeOf(notice);
    const sinceMs = this.#waitsSinceMs.get(notice.uuid) ?? clock.now();
    this.#waitsSinceMs.set(notice.uuid, sinceMs);
    const known = readWork(notice.work, sinceMs);
    const instance = await cloud.instance(id, signal);
    // What we have stopped is ours to start, also where a recovery of its host has brought it meanwhile.
    const host = known.step === 'looking' ? home : (instance?.host ?? home);
    if (host !== home) {
      const move = moveFrom(home, id);
      if (move !== undefined && !isEnded(move)) return this.#wait(notice, `it is being moved to ${host}`);
    }
    const hold = instance?.host === host ? (holdOn(host) ?? hostHold(host)) : undefined;
    if (hold !== undefined) return this.#wait(notice, hold.reason);
    const begun = { ...known, sinceMs: Math.max(known.sinceMs, sinceMs) };
    const work = host === home ? begun : handedOver(begun, host);
    const mayBeActedOn = work.step === 'looking' && instance?.host === host && instance.taskState === undefined;
    const judgement = judgeInstance(
      work,
      {
        instance,
        host,
        // A host whose clock is fast cannot have told of a death after we heard of it.
        reportedAtMs: Math.min(notice.generatedAtMs, notice.createdAtMs),
        lastAction: mayBeActedOn ? await cloud.lastAction(id, signal) : undefined,
        reasonToLeave: instance && reasonToLeave(instance),
        restarts: this.#restarts.count(id, clock.now()),
        now: clock.now(),
      },
      limits,
    );
    if (judgement.kind === 'end') await this.#end(notice, judgement.status, judgement.message);
    if (judgement.kind === 'wait') await this.#show(notice, judgement.message);
    if (judgement.kind !== 'call') return false;
    const { action } = judgement;
    const message = action === 'stop' ? 'its guest has died; it is being stopped' : 'it is being started again';
    const next = await this.#save(notice, message, judgement.work);
    const asIfNotSent = { ...next, work: JSON.stringify(uncounted(judgement.work)) };
    // Asked once more: to write took its time.
    if ((holdOn(host) ?? hostHold(host)) !== undefined) {
      this.#open.set(next.uuid, asIfNotSent);
      return true;
    }
    logger.info({ host, instance: id }, `${instance?.name ?? id} on ${host}: ${message}`);
    if (action === 'start' && work.restartedAtMs === undefined) this.#restarts.note(id, clock.now());
    try {
      await cloud.act(id, action, signal);
    } catch (error) {
      if (!isLifeboatError(error)) throw error;
      // It is in that state already, or something else is under way: the next look tells.
      if (error.code === 'CLOUD_CONFLICT') return false;
      // No answer of Nova to this instance: it does not count as one of the attempts.
      if (sendOutcome(error) !== 'refused') this.#open.set(next.uuid, asIfNotSent);
      throw error;
    }
    return false;
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
    this.#waitsSinceMs.delete(notice.uuid);
    this.#ports.onWritten({ ...notice, status, message, updatedAtMs: this.#ports.clock.now() });
    const { host } = notice;
    const told = `${subjectOf(notice)} on ${host}: ${status}: ${message}`;
    const fields = { host, instance: subjectOf(notice), notification: notice.uuid };
    if (status === 'failed') this.#ports.logger.error(fields, told);
    else this.#ports.logger.info(fields, told);
  }
}

/** Where the instance was when it was last looked for. */
function homeOf({ host, work }: Notice): string {
  return readWork(work, 0).host ?? host;
}
