import type { DaemonState, HoldStatus, HostStatus, ReportStatus, Status } from '../../control/protocol.ts';
import { HOLD_WORDS } from '../../engine/describe.ts';
import { MOVE_STATES } from '../../engine/move.ts';
import { RECOVERY_STATES } from '../../engine/recovery.ts';
import { sample, samplesByState, type Sample } from './sample.ts';

/** What the engine shows, and how it stands with its lease. */
export interface EngineFacts {
  readonly status: Status;
  /** Undefined while it has none. */
  readonly leaseEpoch: number | undefined;
  /** Why the engine does nothing at all, if so. */
  readonly ownHold: HoldStatus['kind'] | undefined;
}

const DAEMON_STATES = namesOf<DaemonState>({ starting: 0, active: 0, paused: 0, deposed: 0 });
const HOST_STATES = namesOf<HostStatus['state']>({ up: 0, 'hands-off': 0, lost: 0, proven: 0 });
const REPORT_STATES = namesOf<ReportStatus['state']>({ 'at work': 0, failed: 0 });

export function engineSamples({ leaseEpoch, ownHold, status }: EngineFacts): readonly Sample[] {
  const { capacity, cloud, deaf = [], failed, holds, hosts, recoveries, reports = [], snapshotAgeMs, state } = status;
  const moves = recoveries.flatMap((recovery) => recovery.moves);
  return [
    sample('lifeboat_build_info', { version: status.version }, 1),
    ...samplesByState('lifeboat_engine_state', 'state', DAEMON_STATES, [state]),
    sample('lifeboat_lease_held', {}, ownHold === undefined ? 1 : 0),
    ...(leaseEpoch === undefined ? [] : [sample('lifeboat_lease_epoch', {}, leaseEpoch)]),
    sample('lifeboat_store_usable', {}, ownHold === 'store-unusable' ? 0 : 1),
    ...(snapshotAgeMs === undefined ? [] : [sample('lifeboat_snapshot_age_seconds', {}, snapshotAgeMs / 1000)]),
    ...samplesByState('lifeboat_hosts', 'state', HOST_STATES, statesOf(hosts)),
    ...samplesByState(
      'lifeboat_holds',
      'kind',
      Object.keys(HOLD_WORDS),
      holds.map(({ kind }) => kind),
    ),
    ...samplesByState('lifeboat_recoveries', 'state', Object.keys(RECOVERY_STATES), statesOf(recoveries)),
    sample('lifeboat_recoveries_unacknowledged', {}, failed),
    ...samplesByState('lifeboat_moves', 'state', Object.keys(MOVE_STATES), statesOf(moves)),
    ...samplesByState('lifeboat_reports', 'state', REPORT_STATES, statesOf(reports)),
    ...(capacity === undefined
      ? []
      : [
          sample('lifeboat_capacity_known_hosts', {}, capacity.looked),
          sample('lifeboat_capacity_short_hosts', {}, capacity.short),
        ]),
    ...(cloud === 'unknown' ? [] : [sample('lifeboat_cloud_available', {}, cloud === 'ok' ? 1 : 0)]),
    sample('lifeboat_api_deaf_addresses', {}, deaf.length),
  ];
}

function statesOf(rows: readonly { readonly state: string }[]): readonly string[] {
  return rows.map(({ state }) => state);
}

/** All of them, or it does not compile. */
function namesOf<Name extends string>(all: Readonly<Record<Name, 0>>): readonly string[] {
  return Object.keys(all);
}
