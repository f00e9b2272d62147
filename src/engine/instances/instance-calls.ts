import type { Hold } from '../../bridge/verdict.ts';
import { isLifeboatError, type LifeboatError } from '../../errors.ts';
import type { Cloud, Instance } from '../../openstack/cloud.ts';
import type { Logger } from '../../ports.ts';
import type { Notice } from '../registry/notice.ts';
import { sendOutcome } from '../send-outcome.ts';
import type { InstanceHistory } from './instance-history.ts';
import type { InstanceCall, InstanceJudgement } from './instance-judgement.ts';
import type { OpenReports } from './open-reports.ts';
import { isMigrating, readWork, uncounted, type InstanceWork } from './work.ts';

export interface InstanceCallsPorts {
  readonly cloud: Cloud;
  readonly logger: Logger;
  readonly open: OpenReports;
  readonly history: InstanceHistory;
}

export interface Call {
  readonly judgement: Extract<InstanceJudgement, { readonly kind: 'call' }>;
  readonly before: InstanceWork;
  readonly instance: Instance;
  readonly host: string;
  /** Asked once more after the write, which took its time. */
  readonly hold: () => Hold | undefined;
}

/** `asked`: what Nova made of it, the next look tells. `kept`: it was not sent. `over`: Nova will never take it. */
export type CallOutcome =
  | { readonly kind: 'asked' }
  | { readonly kind: 'kept'; readonly reason: string }
  | { readonly kind: 'over'; readonly message: string };

/** Each copies a disk from one host to another. */
const MIGRATIONS_AT_ONE_TIME = 4;

const SHOWN: Readonly<Record<InstanceCall, string>> = {
  stop: 'its guest has died; it is being stopped',
  start: 'it is being started again',
  migrate: 'it was restarted too often; it is being migrated to another host',
  'confirm-resize': 'it has arrived on another host, and its migration is being confirmed',
};

/** The calls for single instances: written down before they are sent, so that the next engine finds them (S4). */
export class InstanceCalls {
  readonly #ports: InstanceCallsPorts;
  /** Reports whose instance is on its way to another host, or about to be. */
  readonly #migrating = new Set<string>();

  constructor(ports: InstanceCallsPorts) {
    this.#ports = ports;
  }

  /** Of a former engine. */
  read({ uuid, work }: Notice): void {
    if (isMigrating(readWork(work, 0))) this.#migrating.add(uuid);
  }

  ended({ uuid }: Notice): void {
    this.#migrating.delete(uuid);
  }

  /** Throws what Nova answers to every call. */
  async send(
    notice: Notice,
    { before, hold, host, instance, judgement }: Call,
    signal: AbortSignal,
  ): Promise<CallOutcome> {
    const { cloud, history, logger, open } = this.#ports;
    const { action, work } = judgement;
    if (action === 'migrate' && !this.#hasRoomFor(notice)) {
      return { kind: 'kept', reason: `${this.#migrating.size} other instances are being migrated` };
    }
    const message = SHOWN[action];
    const next = await open.save(notice, message, work);
    history.note(instance.id, before, work);
    if (action === 'start') this.#migrating.delete(notice.uuid);
    const since = hold();
    if (since !== undefined) {
      open.put(next, uncounted(work));
      return { kind: 'kept', reason: since.reason };
    }
    logger.info({ host, instance: instance.id }, `${instance.name} on ${host}: ${message}`);
    try {
      await cloud.act(instance.id, action, signal);
    } catch (error) {
      if (!isLifeboatError(error)) throw error;
      return this.#refused(next, instance, judgement, error);
    }
    return { kind: 'asked' };
  }

  #hasRoomFor({ uuid }: Notice): boolean {
    if (!this.#migrating.has(uuid) && this.#migrating.size >= MIGRATIONS_AT_ONE_TIME) return false;
    this.#migrating.add(uuid);
    return true;
  }

  #refused(notice: Notice, { id }: Instance, { action, work }: Call['judgement'], error: LifeboatError): CallOutcome {
    const { open } = this.#ports;
    if (action === 'migrate' && (error.code === 'CLOUD_BAD_REQUEST' || error.code === 'CLOUD_FORBIDDEN')) {
      const reason = `it was restarted too often, and Nova refuses to migrate it: ${error.message}`;
      return { kind: 'over', message: `${reason}; it is stopped: openstack server start ${id}` };
    }
    // It is in that state already, or something else is under way: the next look tells.
    const isConfirming = action === 'confirm-resize' && error.code === 'CLOUD_BAD_REQUEST';
    if (error.code === 'CLOUD_CONFLICT' || isConfirming) {
      open.put(notice, { ...work, refusal: error.message });
      return { kind: 'asked' };
    }
    // No answer of Nova to this instance: it does not count as one of the attempts.
    if (sendOutcome(error) !== 'refused') open.put(notice, uncounted(work));
    throw error;
  }
}
