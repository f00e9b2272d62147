import type { Missed } from '../bridge/decision.ts';
import { pauseText } from '../bridge/pause.ts';
import type { Hold } from '../bridge/verdict.ts';
import type { DaemonState, Health, HoldStatus, MoveStatus, RecoveryStatus, Status } from '../control/protocol.ts';
import { HOLD_WORDS } from '../engine/describe.ts';
import type { Engine } from '../engine/engine.ts';
import type { Move } from '../engine/move.ts';
import type { Recover } from '../engine/recover.ts';
import { inWords } from '../engine/orders.ts';
import { isUnfinished } from '../engine/recovery.ts';
import type { ApiState } from '../api/listen.ts';
import { VERSION } from '../version.ts';
import { hostStatus, isBrief } from './host-status.ts';
import { capacityStatus, capacityWords } from './capacity-status.ts';
import { reportStatus, reportWords } from './report-status.ts';

export interface ReportFacts {
  readonly engine: Engine;
  readonly node: string;
  readonly pid: number;
  readonly state: DaemonState;
  /** Hosts that were fenced and came back before they could be recovered, lately. */
  readonly missed: readonly Missed[];
  readonly api: readonly ApiState[];
  readonly now: number;
  /** When the daemon began, on the clock of `now`. */
  readonly startedAtMs: number;
}

export function healthOf(facts: ReportFacts): Health {
  const { engine, state, node, pid, startedAtMs } = facts;
  const recovering = engine.recoveries.filter((run) => isUnfinished(run.recovery) && run.recovery.state !== 'held');
  const failed = engine.recoveries.filter(needsAnOperator);
  const holds = holdsOf(facts);
  const services = engine.services;
  const summary = `${state}, ${recovering.length} recovering, ${holds.length} held${failed.length > 0 ? `, ${failed.length} failed` : ''}${reportWords(engine.reports)}${capacityWords(engine.capacity)}`;
  return {
    state,
    version: VERSION,
    pid,
    node,
    recovering: recovering.length,
    held: holds.length,
    failed: failed.length,
    summary,
    holds,
    snapshotAgeMs: engine.snapshotAgeMs,
    ...(engine.pause === undefined ? {} : { paused: pauseText(engine.pause) }),
    uptimeMs: Math.max(0, facts.now - startedAtMs),
    cloud: services.failure !== undefined ? 'unavailable' : services.hosts === undefined ? 'unknown' : 'ok',
    deaf: facts.api.flatMap(({ address, failure }) => (failure === undefined ? [] : [{ address, reason: failure }])),
  };
}

export function statusOf(facts: ReportFacts): Status {
  return {
    ...healthOf(facts),
    hosts: facts.engine.verdicts.map(hostStatus),
    ...(facts.engine.capacity === undefined ? {} : { capacity: capacityStatus(facts.engine.capacity) }),
    ...(facts.engine.reports.length === 0 ? {} : { reports: facts.engine.reports.map(reportStatus) }),
    recoveries: facts.engine.recoveries.map((run) => recoveryStatus(run, facts)),
  };
}

function holdsOf({ engine, missed, node, now }: ReportFacts): readonly HoldStatus[] {
  const own = engine.ownHold === undefined ? [] : [holdStatus(node, engine.ownHold)];
  const held = engine.recoveries.toSorted(byLoss).flatMap((run): HoldStatus[] => {
    const hold = engine.holdOf(run) ?? engine.flappingHoldOf(run);
    return hold === undefined ? [] : [holdStatus(run.recovery.host, hold)];
  });
  const lost = engine.verdicts.flatMap((verdict): HoldStatus[] => {
    if (verdict.state !== 'lost' || isBrief(verdict, now)) return [];
    return [holdStatus(verdict.host ?? verdict.node, verdict.hold)];
  });
  const returned = missed.map(({ host, node, reason, remedy }) =>
    holdStatus(host ?? node, { kind: 'returned', reason, remedy }),
  );
  const unwritten = [...engine.unwritten].map(([host, hold]) => holdStatus(host, hold));
  const left = [...engine.leftAlone].map(([host, hold]) => holdStatus(host, hold));
  return [...own, ...unwritten, ...held, ...lost, ...left, ...returned];
}

/** In order of loss: what waited longest begins first. */
function byLoss(a: Recover, b: Recover): number {
  return a.recovery.lostSinceMs - b.recovery.lostSinceMs;
}

function needsAnOperator({ recovery }: Recover): boolean {
  return recovery.state === 'failed' && recovery.orders.acknowledged === undefined;
}

function holdStatus(host: string, hold: Hold): HoldStatus {
  return { host, inShort: HOLD_WORDS[hold.kind], ...hold };
}

function recoveryStatus(run: Recover, { engine, now }: ReportFacts): RecoveryStatus {
  const { recovery, moves } = run;
  const { id, host, node, state, orders, proof } = recovery;
  const hold = engine.holdOf(run);
  const { acknowledged } = orders;
  return {
    id,
    host,
    node,
    state,
    reason: hold?.reason ?? recovery.reason,
    remedy: hold?.remedy,
    ...(acknowledged === undefined ? {} : { acknowledged: inWords(acknowledged) }),
    startedAtMs: recovery.createdAtMs,
    finishedAtMs: recovery.endedAtMs,
    proof: { by: proof.by, action: proof.action, completedAtMs: proof.completedAtMs },
    moves: moves.map((move) => moveStatus(move, now)),
  };
}

function moveStatus(move: Move, now: number): MoveStatus {
  const { instanceId, name, state, sourceHost, targetHost, reason, sentAtMs, endedAtMs } = move;
  const seconds = sentAtMs === undefined ? undefined : Math.max(0, (endedAtMs ?? now) - sentAtMs) / 1000;
  return { instance: instanceId, name, state, from: sourceHost, to: targetHost, reason, seconds };
}
