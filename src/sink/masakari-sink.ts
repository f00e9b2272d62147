import type { Decision } from '../bridge/decision.ts';
import type { Hold, Verdict } from '../bridge/verdict.ts';
import { isLifeboatError, LifeboatError, messageOf } from '../errors.ts';
import type { MasakariApi, ReportAnswer } from '../openstack/masakari.ts';
import { sleep, type Clock, type Logger, type Randomness } from '../ports.ts';
import { answerHold, toldInWords } from './answer-hold.ts';
import type { Report, Settlement } from './report.ts';
import type { Spool } from './spool.ts';

export interface MasakariSinkPorts {
  readonly spool: Spool;
  readonly masakari: MasakariApi;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  /** Why nothing may be told of this host now, if so: by the cluster as last seen, an operator, the storm guard. */
  readonly permission: (report: Report) => Hold | undefined;
  /** Why its fencing is not believed, if so (S9). May take a while; throws what Nova answers. */
  readonly witness: (report: Report, signal: AbortSignal) => Promise<Hold | undefined>;
  readonly onChange: () => void;
}

type Proven = Extract<Verdict, { state: 'proven' }>;

/** A waiting report and what it waits for. */
interface Waiting {
  readonly report: Report;
  hold: Hold | undefined;
  /** What it pauses for; undefined while it is being told. */
  pausing: Pausing | undefined;
  /** Ends its pause. */
  wake: () => void;
}

type Pausing = 'forbidden' | 'refused' | 'trouble';

const LOOK_MS = 1_000;
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 30_000;
/** What Masakari refuses it refuses until an operator has been there. */
const REFUSED_MS = 60_000;
/** By then no fencing history tells of them any more, and no proof comes back. */
const KEPT_MS = 30 * 86_400_000;

/**
 * Tells an existing Masakari of hosts that are proven down, each failure once as a rule and at least once in any case.
 *
 * Invariants. S4: a failure is on disk before it is told, and told until Masakari has it or it is told to an operator why
 * not. S1: it is told only while the bridge proves it: a host that came back first is not, for Masakari would evacuate
 * what runs there. Which telling it is that Masakari has, it says itself: the time of the fencing stands in it.
 */
export class MasakariSink {
  readonly #ports: MasakariSinkPorts;
  readonly #waiting = new Map<string, Waiting>();
  readonly #stopping = new AbortController();
  readonly #unwritten = new Map<string, Hold>();
  #settled: readonly Report[] = [];
  #proven: ReadonlyMap<string, Proven> = new Map();

  constructor(ports: MasakariSinkPorts) {
    this.#ports = ports;
  }

  /** Takes up what an earlier process has left. Throws STORE_UNUSABLE. */
  start(): void {
    const { clock, spool } = this.#ports;
    spool.forget(clock.now() - KEPT_MS);
    const all = spool.all();
    this.#settled = all.filter(({ state }) => state !== 'waiting');
    for (const report of all) if (report.state === 'waiting') this.#launch(report);
  }

  /** Newest first. */
  get reports(): readonly Report[] {
    const waiting = [...this.#waiting.values()].map(({ report }) => report);
    return [...waiting, ...this.#settled].toSorted((a, b) => b.fencedAtMs - a.fencedAtMs);
  }

  /** By host: why its failure was not told yet. */
  get holds(): ReadonlyMap<string, Hold> {
    const waiting = [...this.#waiting.values()].flatMap(({ hold, report }) =>
      hold === undefined ? [] : [[report.host, hold] as const],
    );
    return new Map([...this.#unwritten, ...waiting]);
  }

  /** With each decision of a partition that has quorum and a DC; those of another say nothing (S2). */
  observe({ verdicts }: Pick<Decision, 'verdicts'>): void {
    const proven = verdicts.filter((verdict) => verdict.state === 'proven');
    this.#proven = new Map(proven.map((verdict) => [verdict.node, verdict]));
    for (const verdict of proven) this.#take(verdict);
    for (const { node, state } of verdicts) if (state === 'up') this.#returned(node);
    // Trouble and refusals do not end with a look at the cluster; what it forbids may.
    for (const { pausing, wake } of this.#waiting.values()) if (pausing === 'forbidden') wake();
  }

  /** Tries now what Masakari has refused. Answers whether there was something. */
  retry(host: string): boolean {
    const those = this.#waitingOf(host);
    for (const { wake } of those) wake();
    return those.length > 0;
  }

  /** An operator knows of it, and Masakari is not told any more. Answers whether there was something. Throws STORE_UNUSABLE. */
  drop(host: string, by: string): boolean {
    const those = this.#waitingOf(host);
    for (const { report } of those) this.#settle(report, 'dropped', `${by} said that it need not be told`);
    return those.length > 0;
  }

  stop(): void {
    this.#stopping.abort(new Error('the sink has ended'));
  }

  #waitingOf(host: string): readonly Waiting[] {
    return [...this.#waiting.values()].filter(({ report }) => report.host === host || report.node === host);
  }

  #take({ host, lostSinceMs, node, proof }: Proven): void {
    const { clock, logger, onChange, spool } = this.#ports;
    if (this.#waiting.has(proof.id) || this.#settled.some(({ proofId }) => proofId === proof.id)) return;
    const report: Report = {
      ...{ proofId: proof.id, host, node, lostSinceMs, fencedAtMs: proof.completedAtMs, takenAtMs: clock.now() },
      ...{ state: 'waiting', reason: undefined, settledAtMs: undefined },
    };
    try {
      spool.add(report);
    } catch (error) {
      if (!this.#unwritten.has(host))
        logger.error({ host, error: messageOf(error) }, `${host} is proven down, and that cannot be written down`);
      const remedy = isLifeboatError(error) ? error.hint : undefined;
      this.#unwritten.set(host, { kind: 'store-unusable', reason: messageOf(error), remedy });
      onChange();
      return;
    }
    this.#unwritten.delete(host);
    logger.info(
      { host, proof: proof.id, by: proof.by },
      `${host} is proven down, fenced by ${proof.by}: Masakari is told`,
    );
    for (const { report: earlier } of this.#waitingOf(host))
      if (earlier.proofId !== proof.id)
        this.#settle(earlier, 'dropped', `${host} failed again, and that is told instead`);
    this.#launch(report);
    onChange();
  }

  #returned(node: string): void {
    for (const { hold, report } of this.#waitingOf(node)) {
      const why = hold === undefined ? 'it was not told yet' : hold.reason;
      this.#settle(report, 'dropped', `${node} came back before Masakari was told: ${why}`);
    }
  }

  #launch(report: Report): void {
    const waiting: Waiting = { report, hold: undefined, pausing: undefined, wake: () => undefined };
    this.#waiting.set(report.proofId, waiting);
    void this.#tell(waiting).catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) throw error;
    });
  }

  async #tell(waiting: Waiting): Promise<void> {
    const { report } = waiting;
    let failures = 0;
    while (this.#waiting.get(report.proofId) === waiting) {
      const outcome = await this.#try(waiting);
      if (outcome.kind === 'settled') return;
      this.#hold(waiting, outcome.hold);
      failures = outcome.kind === 'trouble' ? failures + 1 : 0;
      await this.#pause(waiting, outcome.kind, failures);
    }
  }

  async #try(waiting: Waiting): Promise<Attempt> {
    const { masakari, permission, witness } = this.#ports;
    const { report } = waiting;
    const { signal } = this.#stopping;
    const forbidden = permission(report) ?? this.#forbidden(report);
    if (forbidden !== undefined) return { kind: 'forbidden', hold: forbidden };
    try {
      const doubt = await witness(report, signal);
      if (doubt !== undefined) return { kind: 'forbidden', hold: doubt };
      const mayLeave = (): void => {
        const hold = permission(report) ?? this.#forbidden(report);
        if (hold !== undefined) throw new LifeboatError('NOT_ALLOWED', hold.reason);
      };
      const { fencedAtMs, host } = report;
      return this.#heard(waiting, await masakari.reportDown({ host, fencedAtMs }, mayLeave, signal));
    } catch (error) {
      signal.throwIfAborted();
      if (isLifeboatError(error, 'NOT_ALLOWED')) return { kind: 'forbidden', hold: waiting.hold };
      const reason = `Masakari was not told of ${report.host}: ${messageOf(error)}`;
      const remedy = isLifeboatError(error) ? error.hint : undefined;
      return { kind: 'trouble', hold: { kind: 'masakari-unavailable', reason, remedy } };
    }
  }

  #heard(waiting: Waiting, answer: ReportAnswer): Attempt {
    const { report } = waiting;
    const hold = answerHold(report, answer, this.#settled);
    if (hold !== undefined) return { kind: 'refused', hold };
    // It came back, or was given up, while Masakari was asked: what it has taken it has taken.
    this.#settle(report, 'told', toldInWords(answer));
    return { kind: 'settled' };
  }

  /** Undefined while the bridge proves this very failure. */
  #forbidden({ host, node, proofId }: Report): Hold | undefined {
    if (this.#proven.get(node)?.proof.id === proofId) return undefined;
    return {
      kind: 'not-fenced',
      reason: `${host} was proven down (${proofId}), and the cluster does not show that at present`,
      remedy: undefined,
    };
  }

  #settle(report: Report, state: Settlement['state'], reason: string): void {
    const { clock, logger, onChange, spool } = this.#ports;
    const atMs = clock.now();
    try {
      spool.settle(report.proofId, { state, reason, atMs });
    } catch (error) {
      // The next process tells it once more, and Masakari says that it knows.
      logger.error({ host: report.host, error: messageOf(error) }, messageOf(error));
    }
    const waiting = this.#waiting.get(report.proofId);
    if (waiting === undefined && this.#settled.some((each) => each.proofId === report.proofId && each.state === state))
      return;
    this.#waiting.delete(report.proofId);
    const others = this.#settled.filter(({ proofId }) => proofId !== report.proofId);
    this.#settled = [...others, { ...report, state, reason, settledAtMs: atMs }];
    const fields = { host: report.host, proof: report.proofId };
    if (state === 'told') logger.info(fields, `${report.host} is reported to Masakari: ${reason}`);
    else logger.error(fields, `${report.host} is not reported to Masakari: ${reason}`);
    waiting?.wake();
    onChange();
  }

  #hold(waiting: Waiting, hold: Hold | undefined): void {
    const { logger, onChange } = this.#ports;
    if (hold?.kind === waiting.hold?.kind && hold?.reason === waiting.hold?.reason) return;
    waiting.hold = hold;
    const { host, proofId } = waiting.report;
    if (hold !== undefined) logger.warn({ host, proof: proofId, kind: hold.kind, remedy: hold.remedy }, hold.reason);
    onChange();
  }

  /** Half of it is chance, so that many hosts that failed at one moment do not come at one moment. */
  async #pause(waiting: Waiting, kind: Pausing, failures: number): Promise<void> {
    const { clock, randomness } = this.#ports;
    const backoffMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures - 1, 10));
    const pauseMs = {
      forbidden: LOOK_MS,
      refused: REFUSED_MS,
      trouble: backoffMs / 2 + (backoffMs / 2) * randomness.next(),
    }[kind];
    const woken = new AbortController();
    waiting.pausing = kind;
    waiting.wake = () => {
      woken.abort();
    };
    await sleep(clock, pauseMs, AbortSignal.any([woken.signal, this.#stopping.signal])).catch(() => undefined);
    waiting.pausing = undefined;
    waiting.wake = () => undefined;
    this.#stopping.signal.throwIfAborted();
  }
}

type Attempt =
  | { readonly kind: 'settled' }
  | { readonly kind: 'forbidden'; readonly hold: Hold | undefined }
  | { readonly kind: 'refused' | 'trouble'; readonly hold: Hold };
