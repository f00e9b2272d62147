import { fragmentOf, type Translation } from '../options/translate.ts';
import type { HeldHost, HeldSegment } from '../holdings.ts';
import type { Change } from './change.ts';
import type { ImportReport } from './import.ts';
import type { ImportPlan } from './plan.ts';

/** The whole report as a human reads it. */
export function describeImport({ database, outcome, plan, schema, translation }: ImportReport): string {
  return [
    `Masakari's database ${database}, with the schema of ${schema.releases}`,
    '',
    ...segmentLines(plan),
    ...hostLines(plan),
    ...historyLines(plan),
    ...section('Stays behind', leftLines(plan)),
    ...section('On maintenance: Lifeboat answers no failure of these', maintenanceLines(plan)),
    ...section('For lifeboat.yaml, on each controller', yamlLines(translation)),
    ...section('Options without a counterpart', optionLines(translation)),
    ...outcomeLines(outcome),
    '',
  ].join('\n');
}

/** The same for programs. */
export function importJson({ database, outcome, plan, schema, translation }: ImportReport): string {
  const { hosts, notifications, segments, ...others } = plan;
  const changeOf = <T extends { readonly uuid: string; readonly name: string }>(change: Change<T>) => {
    const { uuid, name } = change.row;
    return {
      uuid,
      name,
      change: change.kind,
      ...(change.kind === 'differs' ? { differences: change.differences } : {}),
    };
  };
  const shown = {
    database,
    schema: schema.name,
    outcome,
    segments: segments.map(changeOf),
    hosts: hosts.map(changeOf),
    notifications: {
      byStatus: byStatus(plan),
      vmoves: vmovesOf(plan),
      known: notifications.known,
      old: notifications.old,
    },
    ...others,
    lifeboatYaml: fragmentOf(translation.taken),
    options: translation,
  };
  return `${JSON.stringify(shown, undefined, 2)}\n`;
}

function segmentLines({ segments }: ImportPlan): readonly string[] {
  const told = segments.map((change) =>
    changeLine(change, ({ enabled, recoveryMethod }) => `${recoveryMethod}${enabled ? '' : ', disabled'}`),
  );
  return [`segments: ${counted(segments)}`, ...told];
}

function hostLines({ hosts, segments }: ImportPlan): readonly string[] {
  const nameOf = (uuid: string): string => segments.find(({ row }) => row.uuid === uuid)?.row.name ?? uuid;
  const told = hosts.map((change) =>
    changeLine(
      change,
      ({ onMaintenance, reserved, segmentUuid }) =>
        `in ${nameOf(segmentUuid)}${reserved ? ', reserved' : ''}${onMaintenance ? ', on maintenance' : ''}`,
    ),
  );
  return [`hosts: ${counted(hosts)}`, ...told];
}

function changeLine<T extends HeldSegment | HeldHost>(change: Change<T>, tell: (row: T) => string): string {
  const { name, uuid } = change.row;
  const what =
    change.kind === 'differs'
      ? change.differences
          .map(({ column, from, to }) => `${column}: here ${from || 'empty'}, there ${to || 'empty'}`)
          .join(', ')
      : tell(change.row);
  return `  ${KINDS[change.kind].padEnd(7)} ${name}  ${what}  ${uuid}`;
}

const KINDS = { new: 'new', same: 'there', differs: 'differs' } as const;

function counted(changes: readonly Change<unknown>[]): string {
  if (changes.length === 0) return 'none';
  return (['new', 'same', 'differs'] as const)
    .map((kind) => [changes.filter((change) => change.kind === kind).length, KINDS[kind]] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
}

function historyLines(plan: ImportPlan): readonly string[] {
  const statuses = Object.entries(byStatus(plan)).map(([status, count]) => `${count} ${status}`);
  const known = plan.notifications.known === 0 ? [] : [`${plan.notifications.known} there already`];
  return [
    `notifications that have ended: ${[...statuses, ...known].join(', ') || 'none'}`,
    `moves of instances with them: ${vmovesOf(plan) || 'none'}`,
  ];
}

function byStatus({ notifications }: ImportPlan): Readonly<Record<string, number>> {
  const groups = Map.groupBy(notifications.written, ({ notification }) => notification.status);
  return Object.fromEntries([...groups].map(([status, those]) => [status, those.length]));
}

function vmovesOf({ notifications }: ImportPlan): number {
  return notifications.written.reduce((sum, { vmoves }) => sum + vmoves.length, 0);
}

function leftLines({ deleted, leftBehind, notifications, unfinished }: ImportPlan): readonly string[] {
  const gone = Object.entries(deleted)
    .filter(([, count]) => count > 0)
    .map(([table, count]) => `of ${table}, deleted in Masakari: ${count}`);
  const old =
    notifications.old === 0
      ? []
      : [`notifications that are older than store.retention, and would be removed at once: ${notifications.old}`];
  const open = unfinished.map(
    ({ host, status, type, uuid }) => `the ${type} notification ${uuid} of ${host}: it is ${status} in Masakari`,
  );
  return [...gone, ...old, ...open, ...leftBehind];
}

function maintenanceLines({ hosts, segments }: ImportPlan): readonly string[] {
  return hosts
    .filter(({ row }) => row.onMaintenance)
    .map(({ row: { name, segmentUuid } }) => {
      const segment = segments.find(({ row }) => row.uuid === segmentUuid)?.row.name ?? segmentUuid;
      return `${name}; when it is sound: openstack segment host update '${segment}' ${name} --on_maintenance False`;
    });
}

function yamlLines({ taken }: Translation): readonly string[] {
  const notes = taken.flatMap(({ key, note }) => (note === undefined ? [] : [`# ${key}: ${note}`]));
  return [...notes, ...fragmentOf(taken).split('\n').slice(0, -1)];
}

function optionLines({ left }: Translation): readonly string[] {
  return left.map(({ option, reason }) => `${option}: ${reason}`);
}

function outcomeLines(outcome: ImportReport['outcome']): readonly string[] {
  switch (outcome.kind) {
    case 'written':
      return ['', ...outcome.lines];
    case 'nothing-new':
      return ['', 'Lifeboat has all of it already: nothing was changed.'];
    case 'refused':
      return ['', 'Nothing was changed:', ...indented(outcome.obstacles)];
    case 'planned':
      return outcome.obstacles.length === 0
        ? ['', 'Nothing was changed. To bring it in, by the engine that runs: the same with --apply.']
        : ['', 'Nothing was changed, and --apply would not change anything either:', ...indented(outcome.obstacles)];
  }
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...indented(lines)];
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
