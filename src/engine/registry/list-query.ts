import { noMarker, type Condition, type ListedColumn, type Ordering, type RowQuery } from '../store/row-query.ts';
import { refused } from './refusals.ts';
import type { Page } from './registry.ts';

/** By Masakari's name of a column: ours. Those that nothing is ever deleted softly in have one value. */
type SortKeys<C extends string> = Readonly<Record<string, C | 'the same in all'>>;

const COMMON = {
  id: 'number',
  uuid: 'uuid',
  created_at: 'created_at',
  updated_at: 'updated_at',
  deleted: 'the same in all',
  deleted_at: 'the same in all',
} as const;

export const SEGMENT_KEYS: SortKeys<ListedColumn<'segment'>> = {
  ...COMMON,
  name: 'name',
  service_type: 'service_type',
  enabled: 'enabled',
  description: 'description',
  recovery_method: 'recovery_method',
};

export const HOST_KEYS: SortKeys<ListedColumn<'segment_host'>> = {
  ...COMMON,
  name: 'name',
  reserved: 'reserved',
  type: 'type',
  control_attributes: 'control_attributes',
  on_maintenance: 'on_maintenance',
  failover_segment_id: 'segment_uuid',
};

const { uuid: notificationUuid, ...WITHOUT_UUID } = COMMON;

export const NOTIFICATION_KEYS: SortKeys<ListedColumn<'notice'>> = {
  ...WITHOUT_UUID,
  notification_uuid: notificationUuid,
  generated_time: 'generated_at',
  source_host_uuid: 'source_host_uuid',
  failover_segment_uuid: 'segment_uuid',
  type: 'type',
  payload: 'payload',
  status: 'status',
  message: 'message',
};

export const VMOVE_COLUMNS = [
  'number',
  'uuid',
  'created_at',
  'updated_at',
  'notification_uuid',
  'instance_uuid',
  'instance_name',
  'source_host',
  'dest_host',
  'start_time',
  'end_time',
  'type',
  'status',
  'message',
] as const;
export type VmoveColumn = (typeof VMOVE_COLUMNS)[number];

export const VMOVE_KEYS: SortKeys<VmoveColumn> = {
  ...(Object.fromEntries(VMOVE_COLUMNS.map((column) => [column, column])) as Record<VmoveColumn, VmoveColumn>),
  ...COMMON,
};

/** Throws REGISTRY_REFUSED for a key that there is not, and for a marker that is no number. */
export function listQuery<C extends string>(
  keys: SortKeys<C>,
  page: Page,
  where: readonly (Condition<C> | undefined)[] = [],
): RowQuery<C> {
  return {
    where: where.filter((condition) => condition !== undefined),
    order: orderOf(keys, page),
    after: page.marker === undefined ? undefined : numberOf(page.marker),
    limit: Math.max(0, page.limit),
  };
}

/** Undefined when it was not asked for. */
export function equal<C extends string>(
  column: C,
  value: string | number | boolean | undefined,
): Condition<C> | undefined {
  if (value === undefined) return undefined;
  return { column, is: '=', value: typeof value === 'boolean' ? Number(value) : value };
}

/** As Masakari does it: what was asked for, then by age and id, in the direction of what was asked for first. */
function orderOf<C extends string>(keys: SortKeys<C>, { sort }: Page): readonly Ordering<C>[] {
  const last = sort[0]?.direction ?? 'desc';
  const wanted = [...sort, { key: 'created_at', direction: last }, { key: 'id', direction: last }];
  const order: Ordering<C>[] = [];
  for (const { direction, key } of wanted) {
    const column = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (column === undefined) throw refused(`Sort key supplied is invalid: ${key}`);
    if (column === 'the same in all' || order.some((before) => before.column === column)) continue;
    order.push({ column, direction });
  }
  return order;
}

function numberOf(marker: string): number {
  if (!/^\d{1,15}$/.test(marker)) throw noMarker(marker);
  return Number(marker);
}
