import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';
import type { Connection, QueryResult as Answer } from 'mysql2/promise';
import { troubleOf } from './mariadb-trouble.ts';

/** Opens a connection to the server with this number (0 and up), modulo how many there are. */
export type Connect = (server: number) => Promise<{ readonly connection: Connection; readonly server: number }>;

/**
 * Kysely's driver over one connection, which is made when it is needed and thrown away at the first sign of trouble; the
 * next one is made to the next server. One is enough: the row of the lease puts all writes in one order anyway.
 */
export class MariadbDriver implements Driver {
  readonly #connect: Connect;
  readonly #patienceMs: number;
  #current: OneConnection | undefined;
  #server = 0;
  /** Resolves when whoever has the connection has given it back. */
  #turn: Promise<void> = Promise.resolve();
  #endTurn: () => void = () => undefined;

  /** `patienceMs`: without a byte of an answer for this long the server hangs, or is gone without a word. */
  constructor(connect: Connect, patienceMs: number) {
    this.#connect = connect;
    this.#patienceMs = patienceMs;
  }

  async init(): Promise<void> {
    // A database that is away when the engine starts is nothing to fail for.
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#turn;
    let endTurn = (): void => undefined;
    this.#turn = new Promise((resolve) => (endTurn = resolve));
    await before;
    this.#endTurn = endTurn;
    try {
      this.#current ??= await this.#open();
      return this.#current;
    } catch (error) {
      endTurn();
      throw error;
    }
  }

  async releaseConnection(): Promise<void> {
    if (this.#current?.isBroken === true) this.#drop();
    this.#endTurn();
  }

  beginTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#say(connection, 'start transaction');
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return this.#say(connection, 'commit');
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // The server rolls back what a broken connection has begun.
    if (this.#current?.isBroken !== true) await this.#say(connection, 'rollback');
  }

  async destroy(): Promise<void> {
    this.#current?.close();
    this.#current = undefined;
  }

  async #open(): Promise<OneConnection> {
    const { connection, server } = await this.#connect(this.#server);
    this.#server = server;
    return new OneConnection(connection, this.#patienceMs);
  }

  #drop(): void {
    this.#current?.close();
    this.#current = undefined;
    this.#server += 1;
  }

  async #say(connection: DatabaseConnection, statement: string): Promise<void> {
    if (connection instanceof OneConnection) await connection.query(statement, []);
  }
}

class OneConnection implements DatabaseConnection {
  readonly #connection: Connection;
  readonly #patienceMs: number;
  #isBroken = false;

  constructor(connection: Connection, patienceMs: number) {
    this.#connection = connection;
    this.#patienceMs = patienceMs;
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  close(): void {
    this.#connection.destroy();
  }

  async query(sql: string, parameters: readonly unknown[]): Promise<Answer> {
    try {
      const [answer] = await this.#connection.query({ sql, values: [...parameters], timeout: this.#patienceMs });
      return answer;
    } catch (error) {
      if (troubleOf(error) === 'elsewhere') this.#isBroken = true;
      throw error;
    }
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const answer = await this.query(sql, parameters);
    if (Array.isArray(answer)) return { rows: answer as R[] };
    return { rows: [], numAffectedRows: BigInt(answer.affectedRows) };
  }

  // eslint-disable-next-line require-yield
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('nothing of the store is read as a stream');
  }
}
