import type { Hold } from '../../bridge/verdict.ts';
import { isLifeboatError } from '../../errors.ts';
import type { Cloud, Instance } from '../../openstack/cloud.ts';
import { sleep, type Clock, type Logger } from '../../ports.ts';
import type { Background } from '../background.ts';
import type { NoticeBook } from '../registry/notice-book.ts';
import type { Notice } from '../registry/notice.ts';
import type { WorkflowTask } from '../registry/registry.ts';
import { answerTo } from './events.ts';
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
  /** Why nothing may be done on the host now: it is lost or being recovered, no quorum, a pause, a disabled segment. */
  readonly holdOn: (host: string) => Hold | undefined;
  readonly reasonToLeave: (instance: Instance) => string | undefined;
}

const LOOK_MS = 1_000;
/** While all that is left waits for something else than Nova. */
const IDLE_LOOK_MS = 5_000;
const AT_ONE_TIME = 10;

/** Stops and starts instances whose guest has died, one notification for each. Crash-only, as the recoveries of hosts. */
export class InstanceRecoveries {
  readonly #ports: InstanceRecoveriesPorts;
  readonly #open = new Map<string, Notice>();
  /** By instance: when it was started anew, of this process. */
  readonly #restarts = new Map<string, readonly number[]>();
  /** By report: the one whose restart answers it too, for it was there before that. */
  readonly #answeredWith = new Map<string, string>();
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
    for (const notice of await this.#ports.notices.unfinished(['VM'])) this.#open.set(notice.uuid, notice);
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
    const notices = this.#inTurn;
    let isWaiting = true;
    for (let begin = 0; begin < notices.length; begin += AT_ONE_TIME) {
      const some = notices.slice(begin, begin + AT_ONE_TIME);
      const waits = await Promise.all(some.map((notice) => this.#step(notice, signal)));
      isWaiting &&= waits.every(Boolean);
    }
    return isWaiting;
  }

  /** Those of one guest one after another: a death is often told twice, as a panic and as the end of its process. */
  get #inTurn(): readonly Notice[] {
    const taken = new Set<string>();
    return [...this.#open.values()].filter((notice) => {
      if (!isFailure(notice)) return true;
      const guest = guestOf(notice);
      const isFirst = !taken.has(guest);
      taken.add(guest);
      return isFirst;
    });
  }

  async #step(notice: Notice, signal: AbortSignal): Promise<boolean> {
    const { event = '', vir_domain_event: detail = '' } = notice.payload;
    if (!isFailure(notice)) {
      await this.#end(notice, 'ignored', `recorded: ${event} ${detail} is no failure of the instance`);
      return false;
    }
    const hold = this.#ports.holdOn(notice.host);
    if (hold !== undefined) {
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
    const id = notice.payload['instance_uuid'] ?? '';
    const work = readWork(notice.work, clock.now());
    const instance = await cloud.instance(id, signal);
    const judgement = judgeInstance(
      work,
      {
        instance,
        host: notice.host,
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
    if (action === 'start' && work.step !== 'starting') {
      this.#noteRestart(id);
      for (const other of this.#open.values()) {
        const isToo = other.uuid !== notice.uuid && isFailure(other) && guestOf(other) === guestOf(notice);
        if (isToo) this.#answeredWith.set(other.uuid, notice.uuid);
      }
    }
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

  #noteRestart(id: string): void {
    const now = this.#ports.clock.now();
    const recent = (this.#restarts.get(id) ?? []).filter((atMs) => atMs >= now - this.#ports.limits.withinMs);
    this.#restarts.set(id, [...recent, now]);
  }

  async #save(notice: Notice, message: string, work: InstanceWork): Promise<Notice> {
    const next: Notice = { ...notice, status: 'running', message, work: JSON.stringify(work) };
    await this.#ports.notices.save({ uuid: next.uuid, status: next.status, message, work: next.work });
    this.#open.set(next.uuid, next);
    return next;
  }

  async #show(notice: Notice, message: string): Promise<void> {
    const now = this.#open.get(notice.uuid) ?? notice;
    if (now.message === message && now.status === 'running') return;
    await this.#ports.notices.save({ uuid: now.uuid, status: 'running', message });
    this.#open.set(now.uuid, { ...now, status: 'running', message });
  }

  async #end(notice: Notice, status: 'finished' | 'failed' | 'ignored', message: string): Promise<void> {
    // Before it: one that was left over would be answered by another restart.
    for (const other of [...this.#open.values()])
      if (this.#answeredWith.get(other.uuid) === notice.uuid) await this.#end(other, status, message);
    await this.#ports.notices.save({ uuid: notice.uuid, status, message });
    this.#open.delete(notice.uuid);
    this.#answeredWith.delete(notice.uuid);
    const { host, payload } = notice;
    const told = `${payload['instance_uuid'] ?? 'an instance'} on ${host}: ${status}: ${message}`;
    const fields = { host, instance: payload['instance_uuid'], notification: notice.uuid };
    if (status === 'failed') this.#ports.logger.error(fields, told);
    else this.#ports.logger.info(fields, told);
  }
}

function isFailure({ payload }: Notice): boolean {
  return answerTo(payload['event'] ?? '', payload['vir_domain_event'] ?? '') === 'recover';
}

function guestOf({ host, payload }: Notice): string {
  return `${payload['instance_uuid'] ?? ''} on ${host}`;
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
