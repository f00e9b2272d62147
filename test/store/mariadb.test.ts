import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/engine/store/mariadb-connection.ts';
import type { Store } from '../../src/engine/store/store.ts';
import { isLifeboatError } from '../../src/errors.ts';
import { eventually } from '../support/eventually.ts';
import { recordingLogger } from '../support/recording-logger.ts';
import { newDatabase, openDatabase, startDatabase } from './mariadb.ts';
import { createDatabase, type DatabaseServer } from './server.ts';
import { moveOf, owed, storeSuite } from './suite.ts';

describe('the store in MariaDB', () => {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await startDatabase();
  });
  afterAll(() => server?.remove());

  storeSuite(async () => {
    const database = await newDatabase(server);
    // As another process would find it: what makes the tables has happened.
    const first = await openDatabase(server, database);
    await first.takeLease({ holder: 'ctl0 tables', durationMs: 1_000 });
    await first.releaseLease();
    await first.close();
    await server.admin((connection) => connection.query(`DELETE FROM \`${database}\`.lease`));
    return { open: () => openDatabase(server, database) };
  });

  const engineStore = async (database: string, more = {}): Promise<Store> => {
    const store = await openDatabase(server, database, more);
    await store.takeLease({ holder: 'ctl1 test', durationMs: 60_000 });
    return store;
  };

  it('has a primary key, InnoDB and utf8mb4 in every table, and counts nothing by itself', async () => {
    const database = await newDatabase(server);
    await (await engineStore(database)).close();
    const tables = await server.rows(
      `SELECT table_name AS name, engine, table_collation AS collation,
           (SELECT COUNT(*) FROM information_schema.table_constraints c
             WHERE c.table_schema = t.table_schema AND c.table_name = t.table_name AND constraint_type = 'PRIMARY KEY') AS keyed
         FROM information_schema.tables t WHERE table_schema = ? ORDER BY table_name`,
      [database],
    );
    const names = ['counter', 'lease', 'move', 'notice', 'notification', 'recovery', 'schema_version'];
    names.push('segment', 'segment_host', 'suspect', 'taking');
    const expected = { engine: 'InnoDB', collation: 'utf8mb4_bin', keyed: 1 };
    expect(tables).toEqual(names.map((name) => ({ name, ...expected })));
    const counting = await server.rows(
      "SELECT * FROM information_schema.columns WHERE table_schema = ? AND (extra LIKE '%auto_increment%' OR data_type = 'datetime')",
      [database],
    );
    expect(counting).toEqual([]);
  });

  it('is made once by two engines that start at one moment', async () => {
    const database = await newDatabase(server);
    const stores = await Promise.all([1, 2].map(() => openDatabase(server, database)));
    const answers = await Promise.all(
      stores.map((store, index) =>
        eventually('an answer', () =>
          store.takeLease({ holder: `ctl${index} test`, durationMs: 60_000 }).catch((error: unknown) => {
            if (!isLifeboatError(error, 'STORE_UNUSABLE')) throw error;
            return undefined;
          }),
        ),
      ),
    );
    expect(answers.map(({ kind }) => kind).toSorted()).toEqual(['held', 'taken']);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('gives the lease to one of two that ask at one moment', async () => {
    const database = await newDatabase(server);
    const [first, second] = await Promise.all([openDatabase(server, database), openDatabase(server, database)]);
    for (let round = 1; round <= 20; round += 1) {
      const take = (store: Store, node: string) => store.takeLease({ holder: `${node} ${round}`, durationMs: 60_000 });
      const answers = await Promise.all([take(first, 'ctl1'), take(second, 'ctl2')]);
      expect(answers.map(({ kind }) => kind).toSorted()).toEqual(['held', 'taken']);
      await (answers[0].kind === 'taken' ? first : second).releaseLease();
    }
    await Promise.all([first.close(), second.close()]);
  });

  it('that was left half made is completed by whoever takes the lease next', async () => {
    const database = await newDatabase(server);
    const first = await engineStore(database);
    const earlier = owed(5_000_000);
    await first.addRecovery(earlier.notification, earlier.recovery);
    await first.releaseLease();
    await first.close();
    await server.admin(async (connection) => {
      await connection.query(`USE \`${database}\``);
      await connection.query('DELETE FROM notice');
      await connection.query('DROP TABLE suspect');
      await connection.query('ALTER TABLE move DROP COLUMN wanted_state');
      await connection.query('DROP TABLE counter');
      await connection.query('ALTER TABLE segment DROP COLUMN updated_at');
      await connection.query("UPDATE schema_version SET version = 0 WHERE name = 'store'");
    });
    const store = await engineStore(database);
    const { notification, recovery } = owed();
    await store.addRecovery(notification, recovery);
    await store.saveMoves([moveOf(recovery.id, 'a')]);
    expect(await store.suspects()).toEqual([]);
    const notices = await store.listNotices({ where: [], order: [{ column: 'number', direction: 'asc' }] });
    expect(notices.map(({ uuid }) => uuid)).toEqual([earlier.notification.id, notification.id]);
    expect(await store.movesOf(recovery.id)).toEqual([moveOf(recovery.id, 'a')]);
    await store.close();
  });

  it('of a newer Lifeboat is refused, and left as it is', async () => {
    const database = await newDatabase(server);
    await (await engineStore(database)).close();
    const set = (version: number): Promise<unknown> =>
      server.admin((connection) => connection.query(`UPDATE \`${database}\`.schema_version SET version = ${version}`));
    await set(99);
    const store = await openDatabase(server, database);
    const answer = store.takeLease({ holder: 'ctl1 test', durationMs: 1_000 });
    await expect(answer).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
    await expect(answer).rejects.toThrow(/version 99/);
    await store.close();
  });

  it('can be taken over from an engine that stands still in the middle of a transaction (S5)', async () => {
    const database = await newDatabase(server);
    const first = await openDatabase(server, database);
    await first.takeLease({ holder: 'ctl1 frozen', durationMs: 1_000 });
    const tls = { kind: 'off' } as const;
    const { address: host, port } = server;
    const login = { host, port, database, user: 'lifeboat', password: () => 'secret', tls, patienceMs: 5_000 };
    const frozen = await connect(createConnection, login);
    await frozen.query('START TRANSACTION');
    await frozen.query('UPDATE lease SET writes = writes + 1');
    const second = await openDatabase(server, database);
    const take = () => second.takeLease({ holder: 'ctl2 awake', durationMs: 60_000 }).catch(() => undefined);
    await eventually('the second has the lease', async () => (await take())?.kind === 'taken', { withinMs: 20_000 });
    await expect(frozen.query('COMMIT'), 'what it had begun').rejects.toThrow();
    frozen.destroy();
    await first.close();
    await second.close();
  });

  it('tries a transaction again that was chosen as the victim of a deadlock', async () => {
    const database = await newDatabase(server);
    const store = await engineStore(database);
    const { notification, recovery } = owed();
    await store.addRecovery(notification, recovery);
    await server.admin(async (other) => {
      await other.query(`USE \`${database}\``);
      await other.query('START TRANSACTION');
      // A big transaction, so that InnoDB takes the store's as the victim.
      await other.query("INSERT INTO suspect SELECT seq, 'x', 'x', 0, 0, 0 FROM seq_1_to_2000");
      await other.query(`SELECT * FROM recovery WHERE id = '${recovery.id}' FOR UPDATE`);
      const write = store.saveRecovery({ ...recovery, reason: 'later' });
      // InnoDB fills this table anew only when nobody has read it for 100 ms: asked more often, it says the same for ever.
      await eventually(
        'it has the lease’s row, and waits for the other one',
        async () => {
          const waiting = await server.rows(
            "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'",
          );
          return waiting.length > 0;
        },
        { everyMs: 150 },
      );
      await other.query('SELECT * FROM lease FOR UPDATE');
      const counted = await server.rows<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'");
      expect(Number(counted[0]?.Value)).toBeGreaterThan(0);
      await other.query('ROLLBACK');
      await write;
    });
    expect((await store.openRecoveries())[0]?.reason).toBe('later');
    await store.close();
  });

  it('goes on after its connections were cut, without an error', async () => {
    const database = await newDatabase(server);
    const store = await engineStore(database);
    const query = "SELECT id FROM information_schema.processlist WHERE user = 'lifeboat'";
    for (const { id } of await server.rows<{ id: number }>(query)) await server.rows(`KILL ${id}`);
    const { notification, recovery } = owed();
    expect(await store.addRecovery(notification, recovery)).toBe('added');
    expect(await store.openRecoveries()).toEqual([recovery]);
    await store.close();
  });

  it('says that it is unusable, and why, while the server is away; and works again when it is back', async () => {
    const own = await startDatabase();
    try {
      await createDatabase(own, 'away');
      const store = await openDatabase(own, 'away');
      await store.takeLease({ holder: 'ctl1 test', durationMs: 60_000 });
      const { notification, recovery } = owed();
      await own.stop('kill');
      const write = store.addRecovery(notification, recovery);
      await expect(write).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
      await expect(write).rejects.toThrow(/127\.0\.0\.1.*ECONNREFUSED/);
      await own.start();
      expect(await store.addRecovery(notification, recovery)).toBe('added');
      await store.close();
    } finally {
      await own.remove();
    }
  });

  it('does not wait for ever for a server that hangs', async () => {
    const own = await startDatabase();
    try {
      await createDatabase(own, 'hangs');
      const store = await openDatabase(own, 'hangs');
      await store.takeLease({ holder: 'ctl1 test', durationMs: 60_000 });
      own.freeze();
      const startedAtMs = performance.now();
      await expect(store.renewLease(60_000)).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
      expect(performance.now() - startedAtMs).toBeLessThan(20_000);
      own.thaw();
      await store.renewLease(60_000);
      await store.close();
    } finally {
      await own.remove();
    }
  });

  it('goes to the next server when one takes no writes', async () => {
    const other = await startDatabase();
    try {
      const database = await newDatabase(server);
      await createDatabase(other, database);
      await other.admin((connection) => connection.query('SET GLOBAL read_only = ON'));
      const logger = recordingLogger();
      const store = await openDatabase([other, server], database, { logger });
      expect(await store.takeLease({ holder: 'ctl1 test', durationMs: 60_000 })).toMatchObject({ kind: 'taken' });
      await store.saveSuspect({
        host: 'a',
        node: 'a',
        serviceId: 'a',
        wasDisabled: false,
        sinceMs: 1,
        isolated: false,
      });
      expect(await server.rows(`SELECT host FROM \`${database}\`.suspect`)).toEqual([{ host: 'a' }]);
      await store.close();
    } finally {
      await other.remove();
    }
  });

  it('says that the password is wrong at once, and never what it is', async () => {
    const database = await newDatabase(server);
    const logger = recordingLogger();
    const store = await openDatabase(server, database, { password: () => 'hunter2', logger });
    const error = await store.takeLease({ holder: 'ctl1 test', durationMs: 1_000 }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'STORE_UNUSABLE' });
    expect(String(error)).toContain('Access denied');
    const { message, stack, cause } = error as Error;
    expect(JSON.stringify([message, stack, String(cause), logger.lines])).not.toContain('hunter2');
    await store.close();
  });

  it('tells the time in milliseconds since the epoch, whatever time zone the server is in', async () => {
    await server.admin((connection) => connection.query("SET GLOBAL time_zone = '+05:30'"));
    const database = await newDatabase(server);
    const store = await engineStore(database);
    const [row] = await server.rows<{ expires_at: number }>(`SELECT expires_at FROM \`${database}\`.lease`);
    const leftMs = (row?.expires_at ?? 0) - Date.now();
    expect(leftMs).toBeGreaterThan(50_000);
    expect(leftMs).toBeLessThanOrEqual(60_100);
    await server.admin((connection) => connection.query("SET GLOBAL time_zone = 'SYSTEM'"));
    await store.close();
  });
});
