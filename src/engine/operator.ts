import type { Hold, Verdict } from '../bridge/verdict.ts';
import { messageOf } from '../errors.ts';
import type { Clock, Logger } from '../ports.ts';
import { findTarget } from './find-target.ts';
import { isInFlight, type Move } from './move.ts';
import { inWords, type Word } from './orders.ts';
import type { Recover } from './recover.ts';
import { isUnfinished, keepsOut } from './recovery.ts';

/** What an operator is told: what was done, or why it was not, and what to do then. Whole sentences' worth of words. */
export interface Answer {
  readonly outcome: 'done' | 'refused';
  readonly lines: readonly string[];
}

export interface OperatorPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Newest first. */
  readonly runs: () => readonly Recover[];
  readonly verdictOf: (node: string) => Verdict | undefined;
  readonly permission: () => Hold | undefined;
  /** Undefined when the storm guard does not hold it. */
  readonly stormHoldOf: (run: Recover) => Hold | undefined;
  readonly flappingHoldOf: (run: Recover) => Hold | undefined;
  /** Has an ended recovery that was tried again run. */
  readonly launch: (run: Recover) => void;
}

export type Who = Pick<Word, 'by' | 'reason'>;

/** What an operator may say about recoveries, at any time. Each word is on disk when its answer is given. */
export class Operator {
  readonly #ports: OperatorPorts;

  constructor(ports: OperatorPorts) {
    this.#ports = ports;
  }

  /** Lets what the storm guard holds begin: all of it, or only these hosts (S7). */
  async proceed(hosts: readonly string[], who: Who): Promise<Answer> {
    const { runs, stormHoldOf } = this.#ports;
    const held = runs().filter((run) => isUnfinished(run.recovery) && stormHoldOf(run) !== undefined);
    const unknown = hosts.filter((name) => !held.some(({ recovery }) => isOf(recovery, name)));
    if (unknown.length > 0) return refused(`the storm guard holds nothing of ${unknown.join(', ')}: lifeboat status`);
    const chosen = held.filter(({ recovery }) => hosts.length === 0 || hosts.some((name) => isOf(recovery, name)));
    if (chosen.length === 0) return refused('the storm guard holds nothing');
    const inOrder = chosen.toSorted((a, b) => a.recovery.lostSinceMs - b.recovery.lostSinceMs);
    for (const run of inOrder) await run.admit(this.#word(who));
    return this.#done(
      who,
      inOrder.map(({ recovery, moves }) => `${recovery.host} begins: ${moves.length} instances were on it`),
    );
  }

  /** Tries failed moves again: of a host, of a recovery, or one instance. */
  async retry(target: string, who: Who): Promise<Answer> {
    const found = findTarget(target, this.#ports.runs());
    if (found.kind === 'none') return refused(found.reason);
    const { run, moves } = found;
    const { host, state } = run.recovery;
    if (!keepsOut(run.recovery)) {
      return refused(
        `the recovery of ${host} is over (${state}); an instance that is still there is started with Nova`,
      );
    }
    const failed = moves.filter((move) => move.state === 'failed');
    if (failed.length === 0) {
      return refused(`no move of ${target} has failed${run.moves.length === 0 ? '' : `: ${countOf(run.moves)}`}`);
    }
    if (run.turning !== undefined) {
      return refused(`the recovery of ${host} is just ${run.turning}: say it again in a moment`);
    }
    if (!isUnfinished(run.recovery)) return this.#reopen(run, failed, who);
    await run.retry(failed, this.#word(who));
    return this.#done(who, [`${failed.length} instances of ${host} are tried again; Nova is asked first for each`]);
  }

  async #reopen(run: Recover, failed: readonly Move[], who: Who): Promise<Answer> {
    const { host, node } = run.recovery;
    const verdict = this.#ports.verdictOf(node);
    if (verdict?.state === 'up') {
      return refused(
        `${host} is up, so nothing may be evacuated from it; see: openstack server list --all-projects --host ${host}`,
      );
    }
    const forbidden = this.#ports.permission();
    if (forbidden !== undefined) return refused(`not now: ${forbidden.reason}`);
    if (verdict?.state !== 'proven') {
      const why = verdict?.state === 'lost' ? verdict.hold.reason : 'Pacemaker says nothing of it';
      return refused(`${host} is not proven down any more (${why}), so nothing may be evacuated from it`);
    }
    try {
      await run.reopen(failed, this.#word(who));
    } catch (error) {
      return refused(`nothing was changed, for Nova has to be told first: ${messageOf(error)}`);
    }
    this.#ports.launch(run);
    const told = `${failed.length} instances of ${host} are tried again as soon as it was fenced once more, for since its moves ended its nova-compute may have been let in`;
    return this.#done(
      who,
      [told],
      [
        `do: stonith_admin --reboot ${node}; or, when you have made sure that it is off: stonith_admin --confirm ${node}`,
      ],
    );
  }

  /** Stops sending for a recovery. */
  async cancel(target: string, who: Who): Promise<Answer> {
    const found = findTarget(target, this.#ports.runs());
    if (found.kind === 'none') return refused(found.reason);
    const { run } = found;
    const { host, state } = run.recovery;
    if (found.by === 'instance') return refused(`only a whole recovery can be cancelled: lifeboat cancel ${host}`);
    if (!isUnfinished(run.recovery)) return refused(`the recovery of ${host} has ended (${state}): nothing is sent`);
    await run.cancel(this.#word(who));
    return this.#done(
      who,
      [`nothing more is sent for ${host}: ${countOf(run.moves)}`],
      [
        `what is on its way is followed, ${host} stays kept out of Nova until it is back and clean; to go on after all: lifeboat retry ${host}`,
      ],
    );
  }

  /** Takes what has ended off the list of what needs an operator, and lets a host that fails often be given back. */
  async acknowledge(target: string, who: Who): Promise<Answer> {
    const found = findTarget(target, this.#ports.runs());
    if (found.kind === 'none') return refused(found.reason);
    const { run } = found;
    const { recovery, moves } = run;
    const { host } = recovery;
    if (isUnfinished(recovery)) {
      return refused(`the recovery of ${host} is not over (${recovery.state}); to stop it: lifeboat cancel ${host}`);
    }
    const flapping = this.#ports.flappingHoldOf(run);
    if (recovery.state !== 'failed' && flapping === undefined) {
      return refused(`nothing of ${host} waits for you (${recovery.state})`);
    }
    await run.acknowledge(this.#word(who));
    const left = moves.filter((move) => move.state === 'failed');
    const names = left.slice(0, NAMED).map(({ name, instanceId }) => `${name} (${instanceId})`);
    const more = left.length > NAMED ? ` and ${left.length - NAMED} more` : '';
    return this.#done(who, [
      `${host} is acknowledged, and given back as soon as it is back and clean`,
      ...(left.length > 0 ? [`not moved, and yours to see to: ${names.join(', ')}${more}`] : []),
    ]);
  }

  #word({ by, reason }: Who): Word {
    return { by, reason, atMs: this.#ports.clock.now() };
  }

  /** `advice` is for the operator alone, and not for the log. */
  #done(who: Who, lines: readonly string[], advice: readonly string[] = []): Answer {
    for (const line of lines) this.#ports.logger.warn({ by: who.by }, `${line} (${inWords(this.#word(who))})`);
    return { outcome: 'done', lines: [...lines, ...advice] };
  }
}

/** Instances that an answer names; the status names them all. */
const NAMED = 5;

function refused(line: string): Answer {
  return { outcome: 'refused', lines: [line] };
}

function isOf({ host, node, id }: Recover['recovery'], name: string): boolean {
  return host === name || node === name || id === name;
}

/** "3 are on their way, 5 are left, 2 have moved". */
function countOf(moves: readonly Move[]): string {
  const count = (is: (move: Move) => boolean): number => moves.filter(is).length;
  const onTheirWay = count((move) => isInFlight(move) || move.state === 'preparing' || move.state === 'restoring');
  const left = count(({ state }) => state === 'waiting' || state === 'failed');
  return `${onTheirWay} are on their way, ${left} are left, ${count(({ state }) => state === 'done')} have moved`;
}
