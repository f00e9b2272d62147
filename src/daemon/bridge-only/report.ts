import type { Missed } from '../../bridge/decision.ts';
import { pauseText } from '../../bridge/pause.ts';
import type { Hold, Verdict } from '../../bridge/verdict.ts';
import type { CloudState, DaemonState, Health, HoldStatus, Status } from '../../control/protocol.ts';
import { HOLD_WORDS } from '../../engine/describe.ts';
import type { MasakariSink } from '../../sink/masakari-sink.ts';
import { VERSION } from '../../version.ts';
import { hostStatus, isBrief } from '../host-status.ts';
import type { Authority } from './authority.ts';

export interface BridgeOnlyFacts {
  readonly node: string;
  readonly pid: number;
  readonly verdicts: readonly Verdict[];
  /** Hosts that were fenced and came back before they could be told, lately. */
  readonly missed: readonly Missed[];
  readonly sink: Pick<MasakariSink, 'reports' | 'holds'>;
  readonly authority: Pick<Authority, 'ageMs' | 'pause' | 'permission'>;
  readonly cloud: CloudState;
  readonly now: number;
  /** When the daemon began, on the clock of `now`. */
  readonly startedAtMs: number;
}

/** Dropped reports need an operator for this long: nobody else does anything for these hosts. */
const DROPPED_SHOWN_MS = 3_600_000;

export function bridgeOnlyHealth(facts: BridgeOnlyFacts): Health {
  const { authority, cloud, node, now, pid, sink, startedAtMs } = facts;
  const state = stateOf(facts);
  const holds = holdsOf(facts);
  const waiting = sink.reports.filter((report) => report.state === 'waiting').length;
  const told = sink.reports.filter((report) => report.state === 'told').length;
  const pause = authority.pause.current;
  return {
    state,
    version: VERSION,
    pid,
    node,
    recovering: waiting,
    held: holds.length,
    failed: 0,
    summary: `${state}, reports to Masakari: ${waiting} waiting, ${told} told, ${holds.length} held`,
    holds,
    snapshotAgeMs: authority.ageMs,
    ...(pause === undefined ? {} : { paused: pauseText(pause) }),
    uptimeMs: Math.max(0, now - startedAtMs),
    cloud,
  };
}

export function bridgeOnlyStatus(facts: BridgeOnlyFacts): Status {
  return {
    ...bridgeOnlyHealth(facts),
    hosts: facts.verdicts.map(hostStatus),
    recoveries: [],
    masakariReports: facts.sink.reports.map(({ fencedAtMs, host, node, reason, settledAtMs, state }) => {
      return { host, node, state, reason: facts.sink.holds.get(host)?.reason ?? reason, fencedAtMs, settledAtMs };
    }),
  };
}

function stateOf({ authority }: BridgeOnlyFacts): DaemonState {
  if (authority.ageMs === undefined) return 'starting';
  return authority.pause.current === undefined ? 'active' : 'paused';
}

function holdsOf({ missed, now, sink, verdicts }: BridgeOnlyFacts): readonly HoldStatus[] {
  const lost = verdicts.flatMap((verdict): HoldStatus[] => {
    if (verdict.state !== 'lost' || isBrief(verdict, now)) return [];
    return [holdStatus(verdict.host ?? verdict.node, verdict.hold)];
  });
  // What the bridge says of a host says also why it is not told.
  const named = new Set(lost.map(({ host }) => host));
  const untold = [...sink.holds].filter(([host]) => !named.has(host)).map(([host, hold]) => holdStatus(host, hold));
  const dropped = sink.reports.flatMap(({ host, node, reason = '', settledAtMs, state }): HoldStatus[] => {
    if (state !== 'dropped' || settledAtMs === undefined || now - settledAtMs > DROPPED_SHOWN_MS) return [];
    // Somebody said so, or something else is told of it.
    if (!reason.includes('came back')) return [];
    const remedy = `see which of its instances run: openstack server list --all-projects --host ${host}`;
    return [holdStatus(host, { kind: 'returned', reason, remedy: `${remedy}; of node ${node}` })];
  });
  const returned = missed.map(({ host, node, reason, remedy }) =>
    holdStatus(host ?? node, { kind: 'returned', reason, remedy }),
  );
  return [...untold, ...lost, ...dropped, ...returned];
}

function holdStatus(host: string, hold: Hold): HoldStatus {
  return { host, inShort: HOLD_WORDS[hold.kind], ...hold };
}
