import type { ComputeService } from '../../openstack/cloud.ts';
import { ROUNDING_MS } from '../witness.ts';

/** Nova's default is a report each 10 s, and its list may be read each 30 s only: without one for this long it is silent. */
const SILENCE_MS = 90_000;

interface Row {
  /** Nova's, of the newest advance. */
  readonly updatedAtMs: number;
  /** When the last two advances were read, by the clock that does not jump. */
  readonly seenAtMs: readonly number[];
  /** When the first of a row without a silence was. */
  readonly sinceMs: number | undefined;
}

/**
 * Heartbeats of nova-compute, as advances of Nova's updated_at. A PUT on the service, ours or anybody's, moves it as well: so
 * one alone says nothing, and two are needed (as S9 has it).
 */
export class SignsOfLife {
  readonly #rows = new Map<string, Row>();

  /** `now`: by the clock that does not jump. */
  see(services: readonly ComputeService[], now: number): void {
    for (const { host, updatedAtMs } of services) {
      if (updatedAtMs === undefined) continue;
      const known = this.#rows.get(host);
      if (known === undefined) {
        this.#rows.set(host, { updatedAtMs, seenAtMs: [], sinceMs: undefined });
        continue;
      }
      if (updatedAtMs <= known.updatedAtMs + ROUNDING_MS) continue;
      const before = known.seenAtMs.at(-1);
      const isBroken = before === undefined || now - before > SILENCE_MS;
      this.#rows.set(host, {
        updatedAtMs,
        seenAtMs: [...known.seenAtMs.slice(-1), now],
        sinceMs: isBroken ? now : known.sinceMs,
      });
    }
  }

  /** Whether it was heard twice after that moment. */
  isHeardSince(host: string, sinceMs: number): boolean {
    const seen = this.#rows.get(host)?.seenAtMs ?? [];
    return seen.length === 2 && seen.every((atMs) => atMs > sinceMs);
  }

  /** For how long it has been heard without a silence, ms. */
  steadyMs(host: string, now: number): number {
    const row = this.#rows.get(host);
    const last = row?.seenAtMs.at(-1);
    if (row?.sinceMs === undefined || last === undefined || now - last > SILENCE_MS) return 0;
    return last - row.sinceMs;
  }
}
