import { RECOVERY_METHODS, type RecoveryMethod } from '../config/config.ts';
import type { MasakariRecords, MasakariSegment } from './read-database.ts';
import type { MappedOptions } from './options.ts';

/** A segment that Lifeboat can take over. */
export interface ImportableSegment extends MasakariSegment {
  readonly recoveryMethod: RecoveryMethod;
}

/** What an import would bring over, and what it would not. */
export interface ImportPlan {
  readonly segments: readonly ImportableSegment[];
  readonly options: MappedOptions;
  /** Whole sentences for the operator; what stands in the way comes first. */
  readonly remarks: readonly string[];
  /** Why nothing may be imported now, if so. */
  readonly obstacle: string | undefined;
}

const AT_WORK = ['new', 'running', 'error'];
/** Alembic's versions from 2023.1 to 2026.1. */
const KNOWN_SCHEMAS = ['8f848eb45d03', '8bdf5929c5a6', '13adff5efb9a'];

export function planImport(records: MasakariRecords, options: MappedOptions): ImportPlan {
  const good = records.segments.filter(isImportable);
  const strange = records.segments.filter((segment) => !isImportable(segment));
  const atWork = AT_WORK.reduce((sum, status) => sum + (records.notifications[status] ?? 0), 0);
  const ended = Object.values(records.notifications).reduce((sum, count) => sum + count, 0) - atWork;
  const maintained = good.flatMap(({ hosts }) => hosts.filter(({ onMaintenance }) => onMaintenance));
  const remarks = [
    ...strange.map(({ name, recoveryMethod }) => `the segment ${name} is left: there is no method ${recoveryMethod}`),
    ...(maintained.length > 0 ? [maintenanceRemark(maintained.map(({ name }) => name))] : []),
    ...(ended > 0
      ? [`${ended} notifications that have ended are left: they are history, and stay in Masakari’s database`]
      : []),
    ...(records.removedSegments + records.removedHosts > 0
      ? [`${records.removedSegments} segments and ${records.removedHosts} hosts that were removed are left`]
      : []),
    ...(records.schema !== undefined && !KNOWN_SCHEMAS.includes(records.schema)
      ? [`its schema is ${records.schema}, which is not one that was tried`]
      : []),
  ];
  const obstacle =
    atWork > 0
      ? `${atWork} notifications of Masakari are new, running or in error: wait until they have ended, or stop its engine and look at them`
      : undefined;
  return { segments: good, options, remarks, obstacle };
}

function isImportable(segment: MasakariSegment): segment is ImportableSegment {
  return (RECOVERY_METHODS as readonly string[]).includes(segment.recoveryMethod);
}

/** W9: Masakari puts hosts into maintenance by itself, and never takes them out. */
function maintenanceRemark(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(', ');
  const more = names.length > 10 ? ` and ${names.length - 10} more` : '';
  return (
    `on maintenance, so that their failures are left alone: ${shown}${more}. Masakari sets that by itself after a failure and never ` +
    'takes it back: see which are well (openstack segment host update SEGMENT HOST --on_maintenance False)'
  );
}
