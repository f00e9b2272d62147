import type { Hold } from '../../bridge/verdict.ts';
import { isLifeboatError } from '../../errors.ts';
import type { Cloud, Instance, RecordedAction } from '../../openstack/cloud.ts';
import { sleep, type Clock, type Logger } from '../../ports.ts';
import type { Background } from '../background.ts';
import { isEnded, type Move } from '../move.ts';
import type { NoticeBook } from '../registry/notice-book.ts';
import type { Notice } from '../registry/notice.ts';
import { subjectOf } from '../registry/report-board.ts';
import { answerTo, type EventAnswer } from './events.ts';
import { instanceTasks } from './instance-tasks.ts';
import { InstanceCalls } from './instance-calls.ts';
import { InstanceHistory } from './instance-history.ts';
import type { InstanceLimits } from './instance-limits.ts';
import { judgeInstance } from './judge-instance.ts';
import { OpenReports } from './open-reports.ts';
import { handedOver, isMigrating, readWork, type InstanceWork } from './work.ts';

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

/**
 * Stops and starts instances whose guest has died, and migrates what dies too often, one notification for each. Crash-only, as the
 * recoveries of hosts.
 */
export class InstanceRecoveries {
  readonly #ports: InstanceRecoveriesPorts;
  readonly #open: OpenReports;
  readonly #history: InstanceHistory;
  readonly #calls: InstanceCalls;
  /** By report: since when Nova is waited for. What passes in a pause, or while its API is away, is not held against it. */
  readonly #waitsSinceMs = new Map<string, number>();
  #hasRead = false;
  #isRunning = false;

  constructor(ports: InstanceRecoveriesPorts) {
    this.#ports = ports;
    this.#open = new OpenReports(ports);
    this.#history = new InstanceHistory(ports.limits);
    this.#calls = new InstanceCalls({ ...ports, open: this.#open, history: this.#history });
    ports.notices.onNew((notice) => {
      if (notice.type !== 'VM') return;
      this.#open.take(notice);
      if (this.#hasRead) this.#launch();
    });
    ports.notices.onProgress(['VM'], (notice) => instanceTasks(notice));
  }

  /** What a former engine had begun, or had only written down. */
  async load(): Promise<void> {
    const { clock, notices } = this.#ports;
    for (const notice of await notices.unfinished(['VM'])) {
      this.#open.take(notice);
      this.#calls.read(notice);
    }
    const sinceMs = clock.now() - this.#history.spanMs;
    for (const notice of await notices.writtenSince(['VM'], sinceMs)) this.#history.read(notice);
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
    const notices = this.#open.all;
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
    const earlier = this.#open.all.find((each) => subjectOf(each) === subjectOf(notice));
    if (earlier !== undefined && earlier.number < notice.number) {
      await this.#open.show(notice, 'waits: an earlier report of the same instance is being answered');
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
    // How far it has come is known to Nova alone, and with that which host matters.
    if (isMigrating(readWork(notice.work, 0))) return undefined;
    const lost = hostHold(home);
    // Where the recovery of the host has brought the instance is known to Nova alone.
    return lost !== undefined && moveFrom(home, subjectOf(notice))?.state === 'done' ? undefined : lost;
  }

  /** Something else than Nova is waited for. */
  async #wait(notice: Notice, reason: string): Promise<true> {
    this.#waitsSinceMs.delete(notice.uuid);
    await this.#open.show(notice, `waits: ${reason}`);
    return true;
  }

  /** Answers whether it waits for something else than Nova. */
  async #act(notice: Notice, signal: AbortSignal): Promise<boolean> {
    const { clock, cloud, limits, moveFrom, reasonToLeave } = this.#ports;
    const id = subjectOf(notice);
    const home = homeOf(notice);
    const sinceMs = this.#waitsSinceMs.get(notice.uuid) ?? clock.now();
    this.#waitsSinceMs.set(notice.uuid, sinceMs);
    const known = readWork(notice.work, sinceMs);
    const { instance, newest } = await this.#lookAt(id, known, signal);
    // What we have stopped is ours to start, also where a recovery of its host has brought it meanwhile.
    const host = known.step === 'looking' ? home : (instance?.host ?? home);
    if (host !== home) {
      const move = moveFrom(home, id);
      if (move !== undefined && !isEnded(move)) return this.#wait(notice, `it is being moved to ${host}`);
    }
    const hold = instance?.host === host ? this.#holdAt(host, known, instance) : undefined;
    if (hold !== undefined) return this.#wait(notice, hold.reason);
    const begun = { ...known, sinceMs: Math.max(known.sinceMs, sinceMs) };
    const work = host === home || isMigrating(known) ? begun : handedOver(begun, host);
    const judgement = judgeInstance(
      work,
      {
        instance,
        host,
        // A host whose clock is fast cannot have told of a death after we heard of it.
        reportedAtMs: Math.min(notice.generatedAtMs, notice.createdAtMs),
        lastAction: newest ?? (mayBeActedOn(work, instance, host) ? await cloud.lastAction(id, signal) : undefined),
        reasonToLeave: instance && reasonToLeave(instance),
        restarts: this.#history.restarts(id, clock.now()),
        migratedAtMs: this.#history.migratedAtMs(id, clock.now()),
        now: clock.now(),
      },
      limits,
    );
    if (judgement.kind === 'end') await this.#end(notice, judgement.status, judgement.message);
    if (judgement.kind === 'wait') await this.#open.show(notice, judgement.message);
    if (judgement.kind !== 'call' || instance === undefined) return false;
    const now = (): Hold | undefined => this.#holdAt(host, work, instance);
    const outcome = await this.#calls.send(notice, { judgement, before: work, instance, host, hold: now }, signal);
    if (outcome.kind === 'over') await this.#end(notice, 'failed', outcome.message);
    return outcome.kind === 'kept' && this.#wait(notice, outcome.reason);
  }

  /** What is in Nova's record of actions has left its mark on an instance that was read after it, but not on one read before. */
  async #lookAt(id: string, work: InstanceWork, signal: AbortSignal): Promise<Look> {
    const { cloud } = this.#ports;
    const instance = await cloud.instance(id, signal);
    if (!isMigrating(work) || instance?.taskState !== undefined) return { instance, newest: undefined };
    const newest = await cloud.lastAction(id, signal);
    return { newest, instance: await cloud.instance(id, signal) };
  }

  /** A resize is confirmed by the host that it came from. */
  #holdAt(host: string, work: InstanceWork, { vmState }: Instance): Hold | undefined {
    const { holdOn, hostHold } = this.#ports;
    const hold = holdOn(host) ?? hostHold(host);
    if (hold !== undefined || work.migration === undefined || vmState !== 'resized') return hold;
    return hostHold(work.migration.from);
  }

  async #end(notice: Notice, status: 'finished' | 'failed' | 'ignored', message: string): Promise<void> {
    await this.#open.end(notice, status, message);
    this.#waitsSinceMs.delete(notice.uuid);
    this.#calls.ended(notice);
  }
}

interface Look {
  readonly instance: Instance | undefined;
  /** Undefined: not asked for, or there is none. */
  readonly newest: RecordedAction | undefined;
}

/** Before the first call of all, and of a migration, the record of what somebody had Nova do is read. */
function mayBeActedOn(work: InstanceWork, instance: Instance | undefined, host: string): boolean {
  if (instance?.host !== host || instance.taskState !== undefined) return false;
  return work.step === 'looking' || (work.step === 'stopping' && work.migration !== undefined);
}

/** Where the instance was when it was last looked for. */
function homeOf({ host, work }: Notice): string {
  return readWork(work, 0).host ?? host;
}
