import { messageOf } from '../../errors.ts';
import type { Clock, Logger } from '../../ports.ts';
import type { MonitorNotification, Sight, Watch } from '../notification.ts';
import { judgeLife, NEW_LIFE, type ProcessLife } from './life.ts';
import type { ProcessLimits } from './limits.ts';
import { readRemembered, rememberedText } from './memory.ts';
import type { Observation } from './observation.ts';
import { processNotification } from './process-notification.ts';
import { sightOf, type SeenProcess } from './sight.ts';
import type { ProcessSource } from './source.ts';
import { watchSource, type SourceWatch } from './source-watch.ts';

export interface ProcessWatchOptions {
  /** The compute host as Nova names it. */
  readonly hostname: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Has it on disk when it returns; when it throws it is told again. */
  readonly onNotification: (notification: MonitorNotification) => void;
  /** What must not be forgotten over a restart of the monitor. */
  readonly remember: { read(): string | undefined; write(text: string): void };
  /** No process is named by two of them. */
  readonly sources: readonly ProcessSource[];
  readonly limits: ProcessLimits;
}

/** A report that could not be put down is tried again after so long. */
const TELL_AGAIN_MS = 5_000;

/** Looks at processes and reports what fails, once, and what is back. */
export function watchProcesses(options: ProcessWatchOptions): Watch {
  const watch = new ProcessWatch(options);
  return { sight: () => watch.sight(), stop: () => watch.stop() };
}

class ProcessWatch {
  readonly #options: ProcessWatchOptions;
  readonly #lives: Map<string, ProcessLife>;
  readonly #seen = new Map<string, SeenProcess>();
  readonly #restarting = new Set<string>();
  /** Of which it was said that it is not restarted any more. */
  readonly #givenUp = new Set<string>();
  readonly #watches: readonly SourceWatch[];
  #remembered: string;
  #life: 'running' | 'stopped' = 'running';

  constructor(options: ProcessWatchOptions) {
    this.#options = options;
    this.#lives = this.#recall();
    this.#remembered = rememberedText(this.#lives);
    const { clock, logger, sources } = options;
    this.#watches = sources.map((source) =>
      watchSource({ clock, logger, source, onLook: (seen) => this.#judge(source, seen) }),
    );
  }

  sight(): Sight {
    const { sources } = this.#options;
    return sightOf(sources.flatMap(({ names }) => names.map((name) => [name, this.#seen.get(name)] as const)));
  }

  stop(): void {
    this.#life = 'stopped';
    for (const watch of this.#watches) watch.stop();
  }

  /** Answers when to look again at the latest, ms. */
  #judge(source: ProcessSource, seen: ReadonlyMap<string, Observation>): number | undefined {
    const due: number[] = [];
    this.#noteBlindness(seen);
    for (const [name, observation] of seen) {
      const isRestarted = this.#restarting.has(name) && observation.kind === 'failed';
      const shown: Observation = isRestarted ? { kind: 'between', sentence: 'it is being restarted' } : observation;
      this.#note(name, shown);
      const againInMs = this.#judgeOne(source, name, shown);
      if (againInMs !== undefined) due.push(againInMs);
    }
    this.#keep();
    return due.length === 0 ? undefined : Math.min(...due);
  }

  #judgeOne(source: ProcessSource, name: string, observation: Observation): number | undefined {
    const { clock, limits } = this.#options;
    const life = this.#lives.get(name) ?? NEW_LIFE;
    const moment = { monotonicMs: clock.monotonic(), nowMs: clock.now() };
    const own = source.canRestart(name) ? limits : { ...limits, restarts: { ...limits.restarts, attempts: 0 } };
    const judgement = judgeLife(life, observation, moment, own, source.settleMs);
    const { deed } = judgement;
    // Judged again from where it stood: what could not be told is told later.
    if (deed?.kind === 'tell' && this.#tell(name, deed.event, deed.sentence) === 'not told') return TELL_AGAIN_MS;
    this.#lives.set(name, judgement.life);
    if (deed?.kind === 'give up') this.#giveUp(name, deed.attempts);
    if (deed?.kind === 'restart') {
      // On disk before: a monitor that dies with it must not begin to count anew.
      this.#keep();
      this.#restart(source, name, deed.attempt);
    }
    return judgement.againInMs;
  }

  #giveUp(name: string, attempts: number): void {
    if (this.#givenUp.has(name)) return;
    this.#givenUp.add(name);
    const words = `${name} was restarted ${attempts} times and does not last: it is left alone for now; see why, and start it`;
    this.#options.logger.error({ process: name, attempts }, words);
  }

  #tell(name: string, event: 'STARTED' | 'STOPPED', sentence: string): 'told' | 'not told' {
    const { clock, hostname, logger, onNotification } = this.#options;
    try {
      onNotification(processNotification({ hostname, name, event, atMs: clock.now() }));
    } catch (error) {
      const words = `${event} of ${name} could not be reported, and will be tried again: ${messageOf(error)}`;
      logger.error({ process: name, error: messageOf(error) }, words);
      return 'not told';
    }
    if (event === 'STARTED') {
      this.#givenUp.delete(name);
      logger.info({ process: name, event }, `${name} runs again: reported`);
    } else logger.warn({ process: name, event }, `${name} has failed, and was reported: ${sentence}`);
    return 'told';
  }

  #restart(source: ProcessSource, name: string, attempt: number): void {
    const { logger } = this.#options;
    const { attempts } = this.#options.limits.restarts;
    this.#restarting.add(name);
    logger.warn({ process: name, attempt }, `${name} is being restarted (${attempt} of ${attempts})`);
    void source
      .restart(name)
      .catch((error: unknown) => {
        logger.warn({ process: name, error: messageOf(error) }, `${name} was not restarted: ${messageOf(error)}`);
      })
      .finally(() => {
        this.#restarting.delete(name);
        this.#watches[this.#options.sources.indexOf(source)]?.wake();
      });
  }

  #note(name: string, observation: Observation): void {
    const before = this.#seen.get(name);
    const now = sentenceOf(observation);
    if (before !== undefined && sentenceOf(before.observation) === now) return;
    const { clock, logger } = this.#options;
    this.#seen.set(name, { observation, sinceMs: clock.now() });
    if (observation.kind === 'runs' || observation.kind === 'absent' || observation.kind === 'unknown') return;
    logger.info({ process: name, kind: observation.kind }, `${name}: ${now}`);
  }

  /** One line for all that went out of sight, or came back into it, together. */
  #noteBlindness(seen: ReadonlyMap<string, Observation>): void {
    const { logger } = this.#options;
    const lost = new Map<string, readonly string[]>();
    const found: string[] = [];
    for (const [name, observation] of seen) {
      const before = this.#seen.get(name)?.observation.kind;
      if (observation.kind !== 'unknown') {
        if (before === 'unknown') found.push(name);
      } else if (before !== 'unknown') {
        lost.set(observation.sentence, [...(lost.get(observation.sentence) ?? []), name]);
      }
    }
    for (const [why, names] of lost) {
      logger.warn({ processes: names }, `${names.join(', ')} cannot be watched: ${why}`);
    }
    if (found.length > 0) logger.info({ processes: found }, `${found.join(', ')} can be watched again`);
  }

  #keep(): void {
    const text = rememberedText(this.#lives);
    if (text === this.#remembered || this.#life === 'stopped') return;
    try {
      this.#options.remember.write(text);
      this.#remembered = text;
    } catch (error) {
      // Tried again with the next look; until then a restart of the monitor tells what is down once more.
      const words = `what was reported of processes could not be written down: ${messageOf(error)}`;
      this.#options.logger.warn({ error: messageOf(error) }, words);
    }
  }

  #recall(): Map<string, ProcessLife> {
    const { logger, remember, sources } = this.#options;
    const text = this.#read(remember);
    const lives = text === undefined ? new Map<string, ProcessLife>() : readRemembered(text);
    if (lives === undefined) {
      logger.warn({}, 'what was reported of processes cannot be read: what is down is reported once more');
      return new Map();
    }
    const watched = new Set(sources.flatMap(({ names }) => names));
    for (const [name, { told }] of lives) {
      if (watched.has(name) || told === 'STARTED') continue;
      const words = `${name} was reported as failed and is not watched any more: nobody will report that it runs again`;
      logger.warn({ process: name }, words);
    }
    return new Map([...lives].filter(([name]) => watched.has(name)));
  }

  #read(remember: ProcessWatchOptions['remember']): string | undefined {
    try {
      return remember.read();
    } catch (error) {
      const words = `what was reported of processes cannot be read: what is down is reported once more: ${messageOf(error)}`;
      this.#options.logger.warn({ error: messageOf(error) }, words);
      return undefined;
    }
  }
}

function sentenceOf(observation: Observation): string {
  return observation.kind === 'runs' ? '' : observation.sentence;
}
