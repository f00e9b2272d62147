import type { Hold } from '../bridge/verdict.ts';
import type { Clock, Logger } from '../ports.ts';
import type { Recovery } from './recovery.ts';
import { formatSpan } from './span.ts';
import { WHOLE, stormOver, weighStorm } from './storm.ts';
import type { Loss, SegmentOf, Storm, StormCount, StormLimits, Storms } from './storm.ts';

export interface StormGuardPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: StormLimits;
  readonly segmentOf: SegmentOf;
  /** Undefined: without quorum and a DC nothing is known, and nothing is weighed (S2). */
  readonly view: () => { readonly losses: readonly Loss[]; readonly hosts: readonly string[] } | undefined;
  /** A storm is over: what it held may begin. */
  readonly onCalm: () => void;
}

/** What was weighed is as good as new for this long: with many recoveries held, each asks every second. */
const NEW_MS = 200;

/** Holds what is to begin while more hosts are lost than the limits allow (S7). What has begun is not its business. */
export class StormGuard {
  readonly #ports: StormGuardPorts;
  #storms: Storms = new Map();
  #weighedAtMs = Number.NEGATIVE_INFINITY;

  constructor(ports: StormGuardPorts) {
    this.#ports = ports;
  }

  /** A former engine has held something for a storm: the cool-down begins anew, for nobody has watched since. */
  inherit(): void {
    this.#storms = new Map([[WHOLE, { count: undefined, calmSinceMs: this.#ports.clock.monotonic() }]]);
  }

  /** Something was lost, or has come back. */
  weigh(): void {
    const { clock, limits, onCalm, segmentOf, view } = this.#ports;
    const before = this.#storms;
    const monotonicMs = clock.monotonic();
    this.#weighedAtMs = monotonicMs;
    const seen = view();
    if (seen === undefined) return;
    const { losses, hosts } = seen;
    this.#storms = weighStorm(before, { losses, hosts, segmentOf, now: clock.now(), monotonicMs }, limits);
    for (const [scope, storm] of this.#storms) this.#tell(scope, before.get(scope), storm);
    const ended = [...before.keys()].filter((scope) => !this.#storms.has(scope));
    for (const scope of ended) this.#ports.logger.warn({ scope }, `the storm in ${nameOf(scope)} is over`);
    if (ended.length > 0) onCalm();
  }

  /** Why a recovery of the host does not begin now. */
  holdOn({ host }: Pick<Recovery, 'host'>): Hold | undefined {
    const { clock, segmentOf } = this.#ports;
    if (clock.monotonic() - this.#weighedAtMs >= NEW_MS) this.weigh();
    const storm = stormOver(host, this.#storms, segmentOf);
    if (storm === undefined) return undefined;
    const scope = this.#storms.get(WHOLE) === storm ? WHOLE : (segmentOf(host) ?? WHOLE);
    const remedy = `find out why; to begin before: lifeboat proceed ${host} (all: lifeboat proceed)`;
    return { kind: 'storm', reason: this.#reason(scope, storm), remedy };
  }

  #reason(scope: string, storm: Storm): string {
    const { clock, limits } = this.#ports;
    const numbers = this.#numbers(scope, storm.count);
    if (storm.calmSinceMs === undefined) return `${numbers}; nothing new is begun`;
    const leftMs = Math.max(0, storm.calmSinceMs + limits.coolDownMs - clock.monotonic());
    return `${numbers}; calm now, it begins by itself in ${formatSpan(leftMs)}`;
  }

  #numbers(scope: string, count: StormCount | undefined): string {
    if (count === undefined) return 'a former engine held it for a storm';
    const { lost, suspected, of, allowed } = count;
    const unproven = suspected === 0 ? '' : ` (${suspected} not proven down yet)`;
    const window = formatSpan(this.#ports.limits.windowMs);
    return `${lost} of ${of} hosts in ${nameOf(scope)} were lost within ${window}${unproven}, ${allowed} may be`;
  }

  #tell(scope: string, before: Storm | undefined, storm: Storm): void {
    const { logger } = this.#ports;
    if (storm.calmSinceMs === undefined && before?.count?.lost !== storm.count?.lost) {
      logger.warn({ scope }, `storm: ${this.#numbers(scope, storm.count)}; what has not begun is held`);
    }
    if (storm.calmSinceMs !== undefined && before?.calmSinceMs === undefined) {
      const coolDown = formatSpan(this.#ports.limits.coolDownMs);
      logger.warn({ scope }, `the storm in ${nameOf(scope)} is calm; what it holds begins in ${coolDown}`);
    }
  }
}

function nameOf(scope: string): string {
  return scope === WHOLE ? 'the cluster' : `segment ${scope}`;
}
