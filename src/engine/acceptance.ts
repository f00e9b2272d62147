import type { Missed } from '../bridge/decision.ts';
import type { Proof } from '../bridge/proof.ts';
import type { Hold, Verdict } from '../bridge/verdict.ts';
import { isLifeboatError, messageOf } from '../errors.ts';
import type { Clock, Logger, Randomness } from '../ports.ts';
import { newRecovery } from './rebuild.ts';
import { isolationAfter, isUnfinished } from './recovery.ts';
import type { Releases } from './releases.ts';
import type { Runs } from './runs.ts';
import { isSameFailure } from './same-failure.ts';
import type { Segments } from './segments/segments.ts';
import type { Store } from './store/store.ts';
import type { Suspects } from './suspects.ts';

export interface AcceptancePorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly randomness: Randomness;
  readonly runs: Runs;
  readonly releases: Releases;
  readonly suspects: Suspects;
  readonly segments: () => Segments;
  readonly verdictOf: (node: string) => Verdict | undefined;
  /** A fencing that cannot be answered any more, for an operator to see to. */
  readonly onMissed: (missed: Missed) => void;
}

type Proven = Extract<Verdict, { state: 'proven' }>;

/** From a proven loss to a recovery that is on disk and runs (S4): once for each proof, and never two for one failure. */
export class Acceptance {
  readonly #ports: AcceptancePorts;
  /** By the id of the proof. */
  readonly #accepted = new Set<string>();
  /** By host: what could not be written down, and why. Nothing is done for it before it is (S4). */
  readonly #unwritten = new Map<string, { readonly verdict: Proven; readonly hold: Hold }>();
  #leftAlone: ReadonlyMap<string, Hold> = new Map();

  constructor(ports: AcceptancePorts) {
    this.#ports = ports;
  }

  /** Hosts that are proven down and whose failure is none of ours, with the reason (S8). */
  get leftAlone(): ReadonlyMap<string, Hold> {
    return this.#leftAlone;
  }

  /** Hosts that are proven down and wait for the store. */
  get unwritten(): ReadonlyMap<string, Hold> {
    return new Map([...this.#unwritten].map(([host, { hold }]) => [host, hold]));
  }

  isUnanswered(host: string): boolean {
    return this.#leftAlone.has(host) || this.#unwritten.has(host);
  }

  /** Another way than a verdict has led to a recovery with this proof. */
  note(proof: Proof): void {
    this.#accepted.add(proof.id);
  }

  leaveAlone(verdicts: readonly Verdict[]): void {
    const left = new Map<string, Hold>();
    for (const verdict of verdicts) {
      if (verdict.state !== 'proven' || this.#accepted.has(verdict.proof.id)) continue;
      const hold = this.#ports.segments().leftAlone(verdict.host);
      if (hold === undefined) continue;
      left.set(verdict.host, hold);
      const { host } = verdict;
      if (!this.#leftAlone.has(host))
        this.#ports.logger.warn({ host }, `${host} is down and left alone: ${hold.reason}`);
    }
    this.#leftAlone = left;
  }

  /** When it resolves, every proven loss is on disk and its recovery runs, or is shown as unwritten. */
  async writeDown(verdicts: readonly Verdict[]): Promise<void> {
    for (const verdict of verdicts) {
      if (verdict.state === 'proven' && !this.#leftAlone.has(verdict.host)) await this.#writeDown(verdict);
    }
  }

  async #writeDown(verdict: Proven): Promise<void> {
    try {
      await this.#accept(verdict);
      this.#unwritten.delete(verdict.host);
    } catch (error) {
      const { host } = verdict;
      this.#ports.logger.error(
        { host, error: messageOf(error) },
        `${host} is proven down, and that cannot be written down`,
      );
      const remedy = isLifeboatError(error) ? error.hint : 'see to the store: its disk (full, read-only, rights)';
      this.#unwritten.set(host, { verdict, hold: { kind: 'store-unusable', reason: messageOf(error), remedy } });
    }
  }

  /** The host came back before its failure could be written down: nothing may be evacuated, and nothing is kept silent. */
  tellReturned(): void {
    for (const [host, { hold, verdict }] of this.#unwritten) {
      const { node, proof } = verdict;
      if (this.#ports.verdictOf(node)?.state !== 'up') continue;
      this.#unwritten.delete(host);
      this.#ports.onMissed({
        node,
        host,
        proof,
        reason: `${node} was fenced by ${proof.by}, that could not be written down (${hold.reason}), and it is up again`,
        remedy: `see which of its instances run: openstack server list --all-projects --host ${host}`,
      });
    }
  }

  async #accept(verdict: Proven): Promise<void> {
    if (this.#accepted.has(verdict.proof.id)) return;
    const { clock, logger, randomness, releases, runs, store, suspects } = this.#ports;
    const { host, node, proof, lostSinceMs } = verdict;
    const open = runs.keepingOut(host);
    if (open !== undefined && isSameFailure(open.recovery.proof, proof)) {
      this.#accepted.add(proof.id);
      return;
    }
    const made = newRecovery({ host, node, proof, lostSinceMs, now: clock.now() }, randomness);
    await releases.interrupt(host);
    // One that does not run is an old store's: what it did then says nothing of today's instances.
    if (open !== undefined && isUnfinished(open.recovery) && runs.isRunning(open)) {
      // In this order: a notification without the renewed recovery would make the next engine take the proof for answered.
      await open.renewProof(proof);
      const reason = `${host} was fenced again during its recovery; the recovery goes on`;
      await store.addNotification({ ...made.notification, status: 'ignored' }, reason);
      logger.warn({ host, proof: proof.id }, reason);
    } else {
      const isolation = isolationAfter(open?.recovery, clock.now()) ?? suspects.isolationOf(host, clock.now());
      const recovery = { ...made.recovery, isolation };
      if (open !== undefined) await open.end('superseded', `${host} failed again`);
      if ((await store.addRecovery(made.notification, recovery)) === 'added') {
        logger.info(
          { host, proof: proof.id, by: proof.by },
          `${host} is proven down, fenced by ${proof.by}: recovery begins`,
        );
        await suspects.handOver(host);
        runs.launch(runs.adopt(recovery, []));
      } else await this.#adoptUnheard(proof);
    }
    this.#accepted.add(proof.id);
  }

  /** It is known because an earlier try has written it, and the store went away before it could say so (S4). */
  async #adoptUnheard(proof: Proof): Promise<void> {
    const { runs, store, suspects } = this.#ports;
    const unheard = (await store.openRecoveries()).find(
      (recovery) => recovery.proof.id === proof.id && !runs.has(recovery.id),
    );
    if (unheard === undefined) return;
    await suspects.handOver(unheard.host);
    runs.launch(runs.adopt(unheard, await store.movesOf(unheard.id)));
  }

  /** Fencings that lied (S9) are made good by later ones, of nodes that have not come back. */
  async renew(fencedAgain: readonly Proof[]): Promise<void> {
    for (const proof of fencedAgain) await this.#renew(proof);
  }

  async #renew(proof: Proof): Promise<void> {
    const { logger, runs } = this.#ports;
    const run = runs.newestFirst.find(({ recovery }) => recovery.node === proof.node && isUnfinished(recovery));
    const kind = run?.recovery.hold?.kind;
    if (run === undefined || (kind !== 'heartbeat' && kind !== 'gate-was-open')) return;
    const doubtedAtMs = Math.max(run.recovery.proof.completedAtMs, run.recovery.orders.reopened?.atMs ?? 0);
    if (proof.completedAtMs <= doubtedAtMs) return;
    await run.renewProof(proof);
    const { host } = run.recovery;
    logger.warn({ host, proof: proof.id }, `${host} was fenced again, by ${proof.by}: its recovery goes on`);
  }
}
