import type { MonitorNotification } from '../notification.ts';
import type { EventName } from './event-names.ts';
import { isReported } from './event-table.ts';
import type { ReportRules } from './event-table.ts';

export interface GuestEvent {
  /** Of the guest, which is the instance's. */
  readonly uuid: string;
  readonly name: EventName;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** A guest whose disk fails sends an event for each request, thousands in a second; a reboot sends up to five. */
const REPEATED_WITHIN_MS = 60_000;

/** Of these two the second is the end of what the first told, 1.2 s later (measured, on_crash destroy). */
const FIRST_TOLD_BY: Readonly<Record<string, string>> = {
  'LIFECYCLE/STOPPED_CRASHED': 'LIFECYCLE/CRASHED_PANICKED',
};

/** From events to reports: what is reported at all, and once what libvirt tells often. Keeps the last minute, at most. */
export class GuestReports {
  readonly #hostname: string;
  readonly #rules: ReportRules;
  /** Guest → event → when it was told. */
  readonly #told = new Map<string, Map<string, number>>();

  /** `hostname`: the compute host as Nova names it. */
  constructor(hostname: string, rules: ReportRules = {}) {
    this.#hostname = hostname;
    this.#rules = rules;
  }

  /** Undefined when there is nothing to tell. */
  report({ uuid, name, atMs }: GuestEvent): MonitorNotification | undefined {
    this.#beginAnew(uuid, name);
    if (!isReported(name, this.#rules)) return undefined;
    if (this.#isRepeated(uuid, `${name.event}/${name.detail}`, atMs)) return undefined;
    return {
      type: 'VM',
      hostname: this.#hostname,
      generated_time: new Date(atMs).toISOString().replace('Z', ''),
      payload: { event: name.event, instance_uuid: uuid, vir_domain_event: name.detail },
    };
  }

  /**
   * libvirt was out of sight: a guest may have been started meanwhile, so that the same end can be the end of another
   * life. To tell an end twice harms nothing, the engine sees to that.
   */
  outOfSight(): void {
    for (const uuid of this.#told.keys()) this.#forgetLife(uuid);
  }

  /** After a start, and after a reset that follows a panic, the same events are news. */
  #beginAnew(uuid: string, { event, detail }: EventName): void {
    if (event !== 'LIFECYCLE') return;
    if (detail.startsWith('STARTED_')) this.#told.delete(uuid);
    if (detail.startsWith('RESUMED_')) this.#forgetLife(uuid);
  }

  #forgetLife(uuid: string): void {
    const told = this.#told.get(uuid);
    for (const name of told?.keys() ?? []) if (name.startsWith('LIFECYCLE/')) told?.delete(name);
  }

  #isRepeated(uuid: string, name: string, atMs: number): boolean {
    this.#forgetOld(atMs);
    const told = this.#told.get(uuid) ?? new Map<string, number>();
    const first = FIRST_TOLD_BY[name];
    const isRepeated = told.has(name) || (first !== undefined && told.has(first));
    if (!isRepeated) this.#told.set(uuid, told.set(name, atMs));
    return isRepeated;
  }

  #forgetOld(nowMs: number): void {
    for (const [uuid, told] of this.#told) {
      for (const [name, atMs] of told) {
        // A clock that was set back must not make us silent.
        if (Math.abs(nowMs - atMs) >= REPEATED_WITHIN_MS) told.delete(name);
      }
      if (told.size === 0) this.#told.delete(uuid);
    }
  }
}
