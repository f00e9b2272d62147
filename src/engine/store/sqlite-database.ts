import { DatabaseSync } from 'node:sqlite';
import { SqliteDialect, type SqliteDatabase } from 'kysely';

/**
 * Node's own SQLite behind the interface that Kysely's SQLite dialect expects (it was made for better-sqlite3, which
 * would bring a native build).
 */
export function sqliteDialect(path: string): SqliteDialect {
  const database = new DatabaseSync(path);
  // WAL with FULL: a commit that was acknowledged survives a power cut of the controller (rule S4), readers never wait.
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = FULL');
  database.exec('PRAGMA busy_timeout = 2000');
  database.exec('PRAGMA foreign_keys = ON');
  return new SqliteDialect({ database: asKyselyDatabase(database) });
}

/** For who only looks: the file is not changed, and an engine that writes it is not in the way. */
export function sqliteReadingDialect(path: string): SqliteDialect {
  const database = new DatabaseSync(path, { readOnly: true });
  database.exec('PRAGMA busy_timeout = 2000');
  return new SqliteDialect({ database: asKyselyDatabase(database) });
}

type Parameter = null | number | bigint | string | Uint8Array;

function asKyselyDatabase(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare: (sql) => {
      const statement = database.prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...(parameters as Parameter[])),
        run: (parameters) => statement.run(...(parameters as Parameter[])),
        iterate: (parameters) => statement.iterate(...(parameters as Parameter[])) as IterableIterator<unknown>,
      };
    },
  };
}
