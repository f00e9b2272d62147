import type { PowerEvent } from '../cluster/lab/index.ts';
import type { EmulatorState, EvacuateCall } from '../emulator/index.ts';

/**
 * One power cut of a compute node, by what the lab and the emulated cloud know; nothing of it is Lifeboat's own word. All
 * are milliseconds since the epoch of this machine's one clock; undefined until it has happened.
 */
export interface PowerCut {
  /** The power log's `off-begin` of the cut by hand. */
  readonly cutAtMs: number;
  /** The cluster asked the fence device: `request` in the power log. */
  readonly askedAtMs: number | undefined;
  /** The fence device answered that it is done: `answer` in the power log. Pacemaker itself knows it somewhat later. */
  readonly fencedAtMs: number | undefined;
  /** Nova took the first evacuate call for an instance of the host. */
  readonly firstAcceptedAtMs: number | undefined;
  /** The last instance was seen running on another host; as late as the pause between two looks at the cloud. */
  readonly lastRunningAtMs: number | undefined;
}

/** When the hand's cut of the node began: its first `off-begin` that no request of the fence agent came before. */
export function cutOf(events: readonly PowerEvent[], node: string, notBeforeMs: number): number | undefined {
  return events.find((each) => each.node === node && each.event === 'off-begin' && each.atMs >= notBeforeMs)?.atMs;
}

/** The fencing that followed the cut: the first request, and the first answer that says it succeeded. */
export function fencingOf(
  events: readonly PowerEvent[],
  node: string,
  cutAtMs: number,
): { readonly askedAtMs: number | undefined; readonly fencedAtMs: number | undefined } {
  const after = events.filter(
    (each) => each.node === node && each.atMs >= cutAtMs && (each.action === 'off' || each.action === 'reboot'),
  );
  return {
    askedAtMs: after.find(({ event }) => event === 'request')?.atMs,
    fencedAtMs: after.find(({ event, ok }) => event === 'answer' && ok === true)?.atMs,
  };
}

/** Calls before the cut belong to an earlier failure of the same host. */
export function firstAcceptedOf(calls: readonly EvacuateCall[], host: string, cutAtMs: number): number | undefined {
  const times = calls
    .filter(({ sourceHost, outcome, atMs }) => sourceHost === host && outcome === 'accepted' && atMs >= cutAtMs)
    .map(({ atMs }) => atMs);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Those of the instances that run on another host now, and on which, by the truth of the cloud: what Nova shows may lag. */
export function runningElsewhere(
  state: EmulatorState,
  ids: ReadonlySet<string>,
  host: string,
): ReadonlyMap<string, string> {
  return new Map(
    state.instances.flatMap((instance): [string, string][] => {
      const { id, host: on, status, runsOn } = instance;
      const moved = ids.has(id) && on !== null && on !== host && status === 'ACTIVE' && runsOn.includes(on);
      return moved ? [[id, on]] : [];
    }),
  );
}

export interface CutSeconds {
  readonly lossToFenced: number | null;
  readonly fencedToFirstAccepted: number | null;
  readonly fencedToLastRunning: number | null;
}

/**
 * lossToFenced: from the cut to the fence device's answer. The other two: from that answer to the first evacuate call that
 * Nova took, and to the last instance running elsewhere. Three decimals; null for what did not happen.
 */
export function secondsOf(cut: PowerCut): CutSeconds {
  return {
    lossToFenced: secondsBetween(cut.cutAtMs, cut.fencedAtMs),
    fencedToFirstAccepted: secondsBetween(cut.fencedAtMs, cut.firstAcceptedAtMs),
    fencedToLastRunning: secondsBetween(cut.fencedAtMs, cut.lastRunningAtMs),
  };
}

export function secondsBetween(fromMs: number | undefined, toMs: number | undefined): number | null {
  return fromMs === undefined || toMs === undefined ? null : Math.round(toMs - fromMs) / 1000;
}
