import type { RecoveryStatus } from '../../src/control/protocol.ts';
import { secondsOf, type CutSeconds, type PowerCut } from '../../test/bench/power-cut.ts';

/** What `--json` writes. The seconds are defined at `secondsOf`. */
export interface Outcome {
  readonly hosts: readonly HostOutcome[];
}

export interface HostOutcome {
  readonly host: string;
  /** The recovery's state in the end, or `unknown` when the engine showed none. */
  readonly state: RecoveryStatus['state'] | 'unknown';
  /** On the host when its power was cut. */
  readonly instances: number;
  /** Seen running on another host, by the cloud's own truth. */
  readonly recovered: number;
  /** Neither recovered nor failed: they wait, and the recovery says for what. */
  readonly held: number;
  readonly seconds: CutSeconds;
}

export interface Seen {
  readonly host: string;
  readonly instances: number;
  readonly recovered: number;
  readonly recovery: RecoveryStatus | undefined;
  readonly cut: PowerCut;
}

export function outcomeOf({ host, instances, recovered, recovery, cut }: Seen): Outcome {
  const failed = recovery?.moves.filter(({ state }) => state === 'failed').length ?? 0;
  const held = recovery?.state === 'held' ? Math.max(0, instances - recovered - failed) : 0;
  return {
    hosts: [{ host, state: recovery?.state ?? 'unknown', instances, recovered, held, seconds: secondsOf(cut) }],
  };
}

export function allRecovered({ hosts }: Outcome): boolean {
  return hosts.every(({ instances, recovered }) => recovered === instances);
}
