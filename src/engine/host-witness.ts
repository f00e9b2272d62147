import type { Hold } from '../bridge/verdict.ts';
import type { HeartbeatJudgement } from '../bridge/second-witness.ts';
import type { Cloud, ComputeService } from '../openstack/cloud.ts';
import type { Clock } from '../ports.ts';
import { readMark, recoveryMark } from './mark.ts';
import type { Isolation, Recovery } from './recovery.ts';
import { isSameFailure } from './same-failure.ts';
import type { ServicesReading } from './services.ts';
import { hearWitness, isCertain, rememberedHeartbeat, withHeartbeatOfMark } from './witness.ts';

export interface WitnessPorts {
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly limits: { readonly witnessSilenceMs: number };
  /** All compute services, read at most that long ago, in one request for all recoveries. */
  readonly services: (maxAgeMs: number, signal: AbortSignal) => Promise<ServicesReading>;
  /** Undefined while effects are allowed. */
  readonly permission: () => Hold | undefined;
  /** The host's compute service as last read, if it was: saves one request on the way to the first evacuation. */
  readonly knownService: (host: string) => ComputeService | undefined;
}

/** The recovery that it speaks of, and where what was heard is kept. */
export interface WitnessedRecovery {
  readonly get: () => Recovery;
  readonly save: (recovery: Recovery) => Promise<void>;
}

/** A proof younger than this leaves nova-compute no time to have come back. */
const FRESH_PROOF_MS = 5_000;

/** The second witness (S9) of one recovery: nova-compute of the dead host, which should be silent. */
export class HostWitness {
  readonly #ports: WitnessPorts;
  readonly #recovery: WitnessedRecovery;
  #heartbeat: HeartbeatJudgement | undefined;
  /** Of the newest reading that was judged; the isolation counts as one. */
  #heardAtMs = Number.NEGATIVE_INFINITY;
  #isolatedAtMs = Number.NEGATIVE_INFINITY;

  constructor(ports: WitnessPorts, recovery: WitnessedRecovery) {
    this.#ports = ports;
    this.#recovery = recovery;
    this.#heartbeat = rememberedHeartbeat(recovery.get());
  }

  get isBeating(): boolean {
    return this.#heartbeat?.kind === 'beating';
  }

  /** Since Nova was asked for what was heard last. */
  get ageMs(): number {
    return this.#ports.clock.monotonic() - this.#heardAtMs;
  }

  /** The host was fenced again: what was heard before belongs to the former fencing. */
  startAfresh(): void {
    this.#heartbeat = undefined;
  }

  /** Its isolation says that it may be alive. */
  believeIsolation(): void {
    this.#heartbeat = rememberedHeartbeat(this.#recovery.get());
  }

  /** Forced down and marked just now: what is read from here on is measured against that. */
  isolated(): void {
    this.#isolatedAtMs = this.#ports.clock.monotonic();
    this.#heardAtMs = this.#isolatedAtMs;
  }

  /** What another engine did and heard before us, by its mark. Answers whether its calls may still be under way. */
  async inherit(service: ComputeService): Promise<boolean> {
    const recovery = this.#recovery.get();
    const mark = readMark(service.disabledReason);
    const heard = withHeartbeatOfMark(recovery, service, this.#ports.clock.now());
    if (heard !== recovery) await this.#recovery.save(heard);
    this.#heartbeat = rememberedHeartbeat(heard) ?? this.#heartbeat;
    return mark?.kind === 'recovery' && isSameFailure(mark.proof, recovery.proof);
  }

  /**
   * Right after the fencing, what is known of the service will do. Later (another engine was at work before us, or Nova
   * was away) nova-compute may have come back meanwhile, so it is heard first.
   */
  async serviceToIsolate(signal: AbortSignal): Promise<ComputeService | undefined> {
    const { clock, knownService } = this.#ports;
    const { host, proof } = this.#recovery.get();
    const known = knownService(host);
    const age = clock.now() - proof.completedAtMs;
    if (known !== undefined && age >= 0 && age < FRESH_PROOF_MS) return known;
    const { service } = await this.#read(0, signal);
    if (service !== undefined) this.#hear(service);
    return service;
  }

  /** Hears it, unless that was done within `maxAgeMs`; puts back what somebody took away from the isolation (S6). */
  async listen(maxAgeMs: number, signal: AbortSignal): Promise<void> {
    if (this.ageMs <= maxAgeMs) return;
    const { service, askedAtMs } = await this.#read(maxAgeMs, signal);
    // Begun before our own writes, for somebody else: it says nothing of the time after them.
    if (service === undefined || askedAtMs < this.#isolatedAtMs) return;
    this.#heardAtMs = askedAtMs;
    this.#hear(service);
    const { clock, cloud, limits } = this.#ports;
    const { isolation } = this.#recovery.get();
    if (isolation === undefined) return;
    const certain = this.#heartbeat !== undefined && isCertain(this.#heartbeat, limits.witnessSilenceMs);
    if (certain && isolation.aliveSinceMs === undefined) {
      await this.#writeDownThatItLives(service, { ...isolation, aliveSinceMs: clock.now() }, signal);
    }
    // While Lifeboat is paused somebody else may have reasons of his own to lift it (S8).
    if (this.isBeating || this.#ports.permission() !== undefined) return;
    if (!service.forcedDown) await this.#rebase(await cloud.setForcedDown(service.id, true, signal), isolation);
  }

  #hear(service: ComputeService): void {
    const { clock, limits } = this.#ports;
    const recovery = this.#recovery.get();
    this.#heartbeat = hearWitness(recovery, service, this.#heartbeat, clock.now(), limits.witnessSilenceMs);
  }

  async #read(
    maxAgeMs: number,
    signal: AbortSignal,
  ): Promise<{ readonly service: ComputeService | undefined; readonly askedAtMs: number }> {
    const { services, askedAtMs } = await this.#ports.services(maxAgeMs, signal);
    return { service: services.get(this.#recovery.get().host), askedAtMs };
  }

  /** For an engine that comes after this one, with our store or without it. */
  async #writeDownThatItLives(service: ComputeService, isolation: Isolation, signal: AbortSignal): Promise<void> {
    const recovery = this.#recovery.get();
    await this.#recovery.save({ ...recovery, isolation });
    const mark = recoveryMark(recovery.proof, isolation.wasDisabled, this.#ports.clock.now(), 'alive');
    await this.#rebase(await this.#ports.cloud.disableService(service.id, mark, signal), isolation);
  }

  async #rebase(answer: ComputeService, isolation: Isolation): Promise<void> {
    const baselineReadAtMs = this.#ports.clock.now();
    this.#isolatedAtMs = this.#ports.clock.monotonic();
    const recovery = this.#recovery.get();
    const rebased = { ...isolation, baselineUpdatedAtMs: answer.updatedAtMs, baselineReadAtMs };
    await this.#recovery.save({ ...recovery, isolation: rebased });
  }
}
