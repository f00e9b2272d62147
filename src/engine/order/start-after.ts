import type { Clock, Logger } from '../../ports.ts';
import { isEnded, type Move } from '../move.ts';
import { USUAL_RANK } from './rank.ts';

export interface StartAfterPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of every recovery that is at work or has just been: a group may lie on several hosts. */
  readonly moves: () => readonly Move[];
  /** An instance waits this long for the groups before it, then it is sent all the same. */
  readonly timeoutMs: number;
  /**
   * Whether the guest agent of an instance that runs again has answered; undefined: nothing is known of an agent in it,
   * and that it runs is enough.
   */
  readonly agentAnswers: (instanceId: string) => boolean | undefined;
}

/** Which groups are starting, as seen a moment ago. */
interface View {
  readonly atMs: number;
  readonly starting: ReadonlySet<string>;
  readonly isCircular: IsCircular;
}

/** How old an answer about the groups may be while no move changes: every waiting move asks for it in every round. */
const KEEP_MS = 50;

/**
 * Which instances wait for others. Invariant: nothing waits for ever. A group counts as started when each of its moves has
 * ended, well or not, and the agents answer; groups that wait for each other do not wait; and after the timeout what waited
 * goes on.
 */
export class StartAfter {
  readonly #ports: StartAfterPorts;
  /** By move: since when it has waited. */
  readonly #waitingSinceMs = new Map<string, number>();
  readonly #toldLate = new Set<string>();
  #view: View | undefined;

  constructor(ports: StartAfterPorts) {
    this.#ports = ports;
  }

  /** The group that the move has to wait for now; undefined when it may be sent. */
  blockedBy(move: Move): string | undefined {
    const { after, group } = move.rank ?? USUAL_RANK;
    if (after.length === 0) return undefined;
    const { clock, logger, timeoutMs } = this.#ports;
    const { starting, isCircular } = this.#look();
    const blocking = after.find((before) => starting.has(before) && !isCircular(before, group));
    if (blocking === undefined) {
      this.#waitingSinceMs.delete(move.id);
      return undefined;
    }
    const now = clock.monotonic();
    const sinceMs = this.#waitingSinceMs.get(move.id) ?? now;
    if (!this.#waitingSinceMs.has(move.id)) {
      this.#waitingSinceMs.set(move.id, sinceMs);
      logger.info(
        { instance: move.instanceId, group: blocking },
        `${move.name}: waits until the group ${blocking} runs`,
      );
    }
    if (now - sinceMs < timeoutMs) return blocking;
    if (!this.#toldLate.has(move.id)) {
      this.#toldLate.add(move.id);
      const seconds = Math.round(timeoutMs / 1000);
      logger.warn(
        { instance: move.instanceId, group: blocking },
        `${move.name}: the group ${blocking} does not run after ${seconds} s; it is sent all the same`,
      );
    }
    return undefined;
  }

  /** A move has changed: what is known of the groups is old. */
  forget(): void {
    this.#view = undefined;
  }

  #look(): View {
    const { agentAnswers, clock, moves } = this.#ports;
    const atMs = clock.monotonic();
    if (this.#view !== undefined && atMs - this.#view.atMs < KEEP_MS) return this.#view;
    const all = moves().filter(({ rank }) => rank !== undefined && (rank.group !== undefined || rank.after.length > 0));
    const starting = new Set<string>();
    for (const move of all) {
      const group = move.rank?.group;
      if (group === undefined) continue;
      const hasStarted = isEnded(move) && !(move.state === 'done' && agentAnswers(move.instanceId) === false);
      if (!hasStarted) starting.add(group);
    }
    this.#view = { atMs, starting, isCircular: circles(all) };
    return this.#view;
  }
}

type IsCircular = (before: string, group: string | undefined) => boolean;

/** Whether `before`, over whatever it starts after itself, waits for `group`. */
function circles(moves: readonly Move[]): IsCircular {
  const edges = new Map<string, Set<string>>();
  for (const { rank } of moves) {
    if (rank?.group === undefined) continue;
    const after = edges.get(rank.group) ?? new Set<string>();
    for (const before of rank.after) after.add(before);
    edges.set(rank.group, after);
  }
  return (before, group) => {
    if (group === undefined) return false;
    const seen = new Set<string>();
    const open = [before];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next === group) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(...(edges.get(next) ?? []));
    }
    return false;
  };
}
