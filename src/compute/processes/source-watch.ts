import { messageOf } from '../../errors.ts';
import type { Clock, Logger } from '../../ports.ts';
import type { Observation } from './observation.ts';
import type { ProcessSource } from './source.ts';

export interface SourceWatchOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly source: ProcessSource;
  /** Judges what was seen; answers in how many ms to look again at the latest, if sooner than the source's own time. */
  readonly onLook: (seen: ReadonlyMap<string, Observation>) => number | undefined;
}

export interface SourceWatch {
  /** Look now. Any number of calls during a look cause one more right after it. */
  readonly wake: () => void;
  readonly stop: () => void;
}

type Phase =
  | { readonly kind: 'looking'; wokenMeanwhile: boolean }
  | { readonly kind: 'pausing'; readonly cancel: () => void }
  | { readonly kind: 'stopped' };

/** Looks at once, when woken, and at least at the source's own time; one look at a time, for ever. */
export function watchSource({ clock, logger, onLook, source }: SourceWatchOptions): SourceWatch {
  let phase: Phase = { kind: 'pausing', cancel: () => {} };

  const look = async (): Promise<void> => {
    const looking: Phase = { kind: 'looking', wokenMeanwhile: false };
    phase = looking;
    const againInMs = await observe();
    if (isStopped()) return;
    if (looking.wokenMeanwhile) return look();
    const pauseMs = Math.max(0, Math.min(source.everyMs, againInMs ?? source.everyMs));
    phase = { kind: 'pausing', cancel: clock.schedule(pauseMs, () => void look()) };
  };

  const observe = async (): Promise<number | undefined> => {
    try {
      const seen = await source.look();
      return isStopped() ? undefined : onLook(seen);
    } catch (error) {
      // A defect of ours: the watch goes on.
      logger.error({ error: messageOf(error) }, `a look at ${source.names.join(', ')} failed: ${messageOf(error)}`);
      return undefined;
    }
  };

  const isStopped = (): boolean => phase.kind === 'stopped';

  const wake = (): void => {
    if (phase.kind === 'looking') phase.wokenMeanwhile = true;
    if (phase.kind !== 'pausing') return;
    phase.cancel();
    void look();
  };

  source.onWake(wake);
  void look();

  return {
    wake,
    stop: () => {
      if (phase.kind === 'pausing') phase.cancel();
      phase = { kind: 'stopped' };
      source.stop();
    },
  };
}
