import { sql, type Kysely, type RawBuilder } from 'kysely';
import { LISTED, noMarker, type Condition, type ListedColumn, type ListedTable, type RowQuery } from './row-query.ts';
import type { Tables } from './tables.ts';

/** Rows of a table that the API lists. Nothing is compared in this process. */
export async function listRows<T extends ListedTable>(
  db: Kysely<Tables>,
  table: T,
  query: RowQuery<ListedColumn<T>>,
): Promise<readonly Tables[T][]> {
  const conditions = query.where.map(conditionSql);
  if (query.after !== undefined) conditions.push(await afterSql(db, table, query, query.after));
  const where = conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`;
  const order = sql.join(
    query.order.map(({ column, direction }) => sql`${field(table, column)} ${sql.raw(direction)}`),
  );
  const limit = query.limit === undefined ? sql`` : sql`limit ${sql.lit(query.limit)}`;
  const found = await sql<Tables[T]>`select * from ${sql.table(table)} ${where} order by ${order} ${limit}`.execute(db);
  return found.rows;
}

function conditionSql({ column, is, value }: Condition): RawBuilder<unknown> {
  if (typeof value !== 'object') return sql`${sql.ref(column)} ${sql.raw(is)} ${value}`;
  if (value.length === 0) return sql`1 = 0`;
  return sql`${sql.ref(column)} in (${sql.join(value)})`;
}

/** What comes after the marker's row in the order: (a > x) or (a = x and b > y) or … */
async function afterSql<T extends ListedTable>(
  db: Kysely<Tables>,
  table: T,
  { order }: RowQuery,
  marker: number,
): Promise<RawBuilder<unknown>> {
  const columns = sql.join(order.map(({ column }) => sql`${field(table, column)} as ${sql.ref(column)}`));
  const { rows } = await sql<
    Record<string, string | number>
  >`select ${columns} from ${sql.table(table)} where ${sql.ref('number')} = ${marker}`.execute(db);
  const row = rows[0];
  if (row === undefined) throw noMarker(marker);
  const compared = (index: number, operator: string): RawBuilder<unknown> => {
    const column = order[index]?.column ?? '';
    return sql`${field(table, column)} ${sql.raw(operator)} ${row[column]}`;
  };
  const alternatives = order.map(({ direction }, index) => {
    const equal = order.slice(0, index).map((_, before) => compared(before, '='));
    return sql`(${sql.join([...equal, compared(index, direction === 'asc' ? '>' : '<')], sql` and `)})`;
  });
  return sql`(${sql.join(alternatives, sql` or `)})`;
}

/** An empty field comes before all others, on either database, and can be compared. */
function field(table: ListedTable, column: string): RawBuilder<unknown> {
  const kind = (LISTED[table] as Readonly<Record<string, 'text' | 'number'>>)[column];
  return kind === 'number' ? sql`coalesce(${sql.ref(column)}, -1)` : sql`coalesce(${sql.ref(column)}, '')`;
}
