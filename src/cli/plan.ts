import type { PlannedStatus, PlanStatus } from '../control/protocol.ts';
import { alignColumns } from './columns.ts';

type Planned = Extract<PlanStatus, { outcome: 'planned' }>;

/** One line on the whole, what would hold it, what has no place, and then every instance in the order of the recovery. */
export function describePlan(plan: Planned): string {
  const blocks = [
    [headline(plan), ...placementLines(plan)],
    obstacleLines(plan),
    homelessLines(plan),
    moveLines(plan),
    leftLines(plan),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}

/** Some instance would have no place, or that is not known, or a rule would hold the recovery. */
export function isTroubled({ moves, obstacles }: Planned): boolean {
  return obstacles.length > 0 || moves.some(({ place }) => place === 'none' || place === 'unknown');
}

function of(plan: Planned, ...places: readonly PlannedStatus['place'][]): readonly PlannedStatus[] {
  return plan.moves.filter(({ place }) => places.includes(place));
}

function headline(plan: Planned): string {
  const [placed, homeless, unknown, left] = [
    of(plan, 'host', 'reserved'),
    of(plan, 'none'),
    of(plan, 'unknown'),
    of(plan, 'left'),
  ].map(({ length }) => length);
  const total = plan.moves.length - (left ?? 0);
  const parts = [
    `${placed} of ${total} instances have a place`,
    ...((homeless ?? 0) > 0 ? [`${homeless} have none`] : []),
    ...((unknown ?? 0) > 0 ? [`${unknown} not known`] : []),
    ...((left ?? 0) > 0 ? [`${left} stay`] : []),
  ];
  return `If ${plan.host} died now: ${parts.join(', ')}.`;
}

function placementLines({ failure }: Planned): readonly string[] {
  return failure === undefined ? [] : [`Where there is room is not known: ${failure}`];
}

function obstacleLines({ obstacles }: Planned): readonly string[] {
  if (obstacles.length === 0) return [];
  const lines = obstacles.flatMap(({ reason, remedy }) => [
    `  ${reason}`,
    ...(remedy === undefined ? [] : [`    do: ${remedy}`]),
  ]);
  return ['WOULD BE HELD:', ...lines];
}

function homelessLines(plan: Planned): readonly string[] {
  const rows = of(plan, 'none').map(({ instance, name, reason }) => [name, instance, reason ?? '']);
  return rows.length === 0 ? [] : ['NO PLACE:', ...alignColumns(rows, '  ')];
}

function moveLines(plan: Planned): readonly string[] {
  const rows = plan.moves
    .filter(({ place }) => place !== 'left')
    .map((move, index) => [
      `${index + 1}.`,
      move.name,
      move.instance,
      `priority ${move.priority}`,
      groupOf(move),
      placeOf(move),
    ]);
  return rows.length === 0 ? [] : ['IN THIS ORDER (Nova may choose other hosts):', ...alignColumns(rows, '  ')];
}

function groupOf({ after, group }: PlannedStatus): string {
  const parts = [
    ...(group === undefined ? [] : [`group ${group}`]),
    ...(after.length === 0 ? [] : [`after ${after.join(', ')}`]),
  ];
  return parts.join(', ');
}

function placeOf({ host, place, reason }: PlannedStatus): string {
  switch (place) {
    case 'host':
      return `to ${host}`;
    case 'reserved':
      return `to ${host}, reserved`;
    case 'none':
      return 'no place';
    case 'left':
    case 'unknown':
      return reason ?? '';
  }
}

function leftLines(plan: Planned): readonly string[] {
  const rows = of(plan, 'left').map(({ instance, name, reason }) => [name, instance, reason ?? '']);
  return rows.length === 0 ? [] : ['STAY:', ...alignColumns(rows, '  ')];
}
