import { LifeboatError } from '../../errors.ts';

/** The tables that the API lists, and of each the columns that can be searched and sorted by. */
export const LISTED = {
  segment: {
    number: 'number',
    uuid: 'text',
    name: 'text',
    description: 'text',
    service_type: 'text',
    recovery_method: 'text',
    enabled: 'number',
    created_at: 'number',
    updated_at: 'number',
  },
  segment_host: {
    number: 'number',
    uuid: 'text',
    segment_uuid: 'text',
    name: 'text',
    type: 'text',
    control_attributes: 'text',
    reserved: 'number',
    on_maintenance: 'number',
    created_at: 'number',
    updated_at: 'number',
  },
  notice: {
    number: 'number',
    uuid: 'text',
    origin: 'text',
    type: 'text',
    host: 'text',
    source_host_uuid: 'text',
    segment_uuid: 'text',
    payload: 'text',
    generated_at: 'number',
    status: 'text',
    message: 'text',
    recovery_id: 'text',
    created_at: 'number',
    updated_at: 'number',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, 'text' | 'number'>>>>;

export type ListedTable = keyof typeof LISTED;
export type ListedColumn<T extends ListedTable> = keyof (typeof LISTED)[T] & string;

export interface Condition<C extends string = string> {
  readonly column: C;
  readonly is: '=' | '>=' | 'in';
  readonly value: string | number | readonly (string | number)[];
}

export interface Ordering<C extends string = string> {
  readonly column: C;
  readonly direction: 'asc' | 'desc';
}

/** Which rows, in which order, and from where on. */
export interface RowQuery<C extends string = string> {
  readonly where: readonly Condition<C>[];
  /** The last one is unique, so that a marker is one place. */
  readonly order: readonly Ordering<C>[];
  /** The number of the row before the first one; REGISTRY_REFUSED when there is none. */
  readonly after?: number | undefined;
  /** Left out: all. */
  readonly limit?: number | undefined;
}

export type Listable = Readonly<Record<string, unknown>>;
type Field = string | number | null | undefined;

/** The same as the database does it, for rows that stand in none. An empty field comes before all others. */
export function queryRows<R extends Listable>(rows: readonly R[], query: RowQuery): readonly R[] {
  const compare = comparing(query.order);
  const marker = query.after === undefined ? undefined : rows.find(({ number }) => number === query.after);
  if (query.after !== undefined && marker === undefined) throw noMarker(query.after);
  const found = rows
    .filter((row) => query.where.every((condition) => meets(row, condition)))
    .filter((row) => marker === undefined || compare(row, marker) > 0)
    .toSorted(compare);
  return found.slice(0, query.limit);
}

export function noMarker(marker: number | string): LifeboatError {
  return new LifeboatError('REGISTRY_REFUSED', `Marker ${marker} could not be found.`);
}

function meets(row: Listable, { column, is, value }: Condition): boolean {
  const has = row[column] as Field;
  if (is === 'in') return (value as readonly Field[]).includes(has);
  return is === '=' ? has === value : has !== null && compareValues(has, value as Field) >= 0;
}

function comparing(order: readonly Ordering[]): (a: Listable, b: Listable) => number {
  return (a, b) => {
    for (const { column, direction } of order) {
      const difference = compareValues(a[column] as Field, b[column] as Field);
      if (difference !== 0) return direction === 'asc' ? difference : -difference;
    }
    return 0;
  };
}

/** Texts by their bytes, as both databases do. */
function compareValues(a: Field, b: Field): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}
