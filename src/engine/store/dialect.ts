import type { ColumnDataType, Expression, Kysely, RawBuilder } from 'kysely';
import type { Tables } from './tables.ts';

/** What the two databases say differently. Everything else of the store is written once. */
export interface SqlDialect {
  /** Milliseconds since the epoch by the database's own clock. */
  readonly now: () => RawBuilder<number>;
  readonly types: ColumnTypes;
  /** At the end of CREATE TABLE. */
  readonly tableOptions: RawBuilder<unknown>;
  /** At the end of a column that refers to another table. */
  readonly references: 'enforced' | 'not enforced';
  /** At the end of an INSERT: the row with this key takes the new values. */
  readonly orUpdate: (key: string, columns: readonly string[]) => RawBuilder<unknown>;
  /** Harmless when it is there already, if DDL cannot be rolled back. */
  readonly addColumn: (db: Kysely<Tables>, table: string, column: string, type: ColumnType) => Promise<void>;
  /** 0: nothing of ours is there. */
  readonly readVersion: (db: Kysely<Tables>) => Promise<number>;
  readonly writeVersion: (db: Kysely<Tables>, version: number) => Promise<void>;
}

export type ColumnType = ColumnDataType | Expression<unknown>;

export interface ColumnTypes {
  /** A short text that can be a key or be searched for, compared byte by byte. */
  readonly name: ColumnType;
  readonly text: ColumnType;
  readonly integer: ColumnType;
}
