import { LifeboatError, messageOf } from '../errors.ts';
import type { Clock, Logger } from '../ports.ts';
import type { Cluster } from './cluster.ts';
import type { ClusterSnapshot } from './snapshot.ts';

export interface WatchOptions {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly logger: Logger;
  /** From the end of one reading to the next, unless woken. The safety net for lost alerts. */
  readonly pollIntervalMs: number;
  /** Each new state, one after another: the next reading begins when the promise has settled. */
  readonly onSnapshot: (snapshot: ClusterSnapshot) => void | Promise<void>;
  /** The state is unknown now. The last good one is not repeated: a failed reading never means that all is well. */
  readonly onFailure: (error: LifeboatError) => void | Promise<void>;
}

export interface ClusterWatch {
  /** Look now. Any number of calls during a reading cause one more reading right after it. */
  wake(): void;
  /** Changes the interval, from the current pause on: shorter while something is not yet known. */
  pollEvery(intervalMs: number): void;
  /** Ends the watching and the reading under way. Nothing is reported after this. */
  stop(): void;
}

/**
 * Reads the cluster at once, then when woken, and at least at the poll interval. One reading at a time. A reading that
 * fails is reported and tried again at the next wake or poll, for ever.
 */
export function watchCluster(options: WatchOptions): ClusterWatch {
  const { cluster, clock, logger } = options;
  const stopping = new AbortController();
  const stopped = stopping.signal;
  let intervalMs = options.pollIntervalMs;
  let phase: Phase = { kind: 'reading', wokenMeanwhile: false };
  let failures = 0;

  const look = async (): Promise<void> => {
    phase = { kind: 'reading', wokenMeanwhile: false };
    await reportOutcome();
    if (stopped.aborted) return;
    if (phase.wokenMeanwhile) void look();
    else pause(clock.monotonic());
  };

  const reportOutcome = async (): Promise<void> => {
    const outcome = await read(cluster, stopped);
    if (stopped.aborted) return;
    try {
      if (outcome.kind === 'read') {
        noteSuccess();
        await options.onSnapshot(outcome.snapshot);
      } else {
        noteFailure(outcome.error);
        await options.onFailure(outcome.error);
      }
    } catch (error) {
      // a defect in the consumer must not end the watching
      logger.error({ error: messageOf(error) }, 'handling of the cluster state failed');
    }
  };

  const noteSuccess = (): void => {
    if (failures > 0) logger.info({ failures }, 'the cluster is readable again');
    failures = 0;
  };

  const noteFailure = (error: LifeboatError): void => {
    failures += 1;
    const fields = { code: error.code, error: error.message, hint: error.hint, failures };
    if (failures === 1) logger.warn(fields, 'the cluster is not readable, so its state is unknown');
    else logger.debug(fields, 'the cluster is still not readable');
  };

  const pause = (sinceMs: number): void => {
    const elapsedMs = clock.monotonic() - sinceMs;
    const cancel = clock.schedule(Math.max(0, intervalMs - elapsedMs), () => void look());
    phase = { kind: 'pausing', sinceMs, cancel };
  };

  void look();

  return {
    wake: () => {
      if (stopped.aborted) return;
      if (phase.kind === 'reading') {
        phase.wokenMeanwhile = true;
        return;
      }
      phase.cancel();
      void look();
    },
    pollEvery: (newIntervalMs) => {
      intervalMs = newIntervalMs;
      if (stopped.aborted || phase.kind === 'reading') return;
      phase.cancel();
      pause(phase.sinceMs);
    },
    stop: () => {
      if (phase.kind === 'pausing') phase.cancel();
      stopping.abort(new Error('the watching has ended'));
    },
  };
}

type Phase =
  | { readonly kind: 'reading'; wokenMeanwhile: boolean }
  /** `sinceMs`: when the last reading ended, in monotonic time. */
  | { readonly kind: 'pausing'; readonly sinceMs: number; readonly cancel: () => void };

type Outcome =
  | { readonly kind: 'read'; readonly snapshot: ClusterSnapshot }
  | { readonly kind: 'failed'; readonly error: LifeboatError };

async function read(cluster: Cluster, signal: AbortSignal): Promise<Outcome> {
  try {
    return { kind: 'read', snapshot: await cluster.read(signal) };
  } catch (cause) {
    if (cause instanceof LifeboatError) return { kind: 'failed', error: cause };
    return { kind: 'failed', error: new LifeboatError('CRM_FAILED', messageOf(cause), { cause }) };
  }
}
