import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OwedRecovery } from '../../../src/engine/rebuild.ts';
import { implicitHostUuid } from '../../../src/engine/registry/implicit-segment.ts';
import { openSqliteStore } from '../../../src/engine/store/sqlite-store.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { owed, storeSuite } from '../../store/suite.ts';

const SAMPLES = join(import.meta.dirname, '../../samples/store');

describe('the embedded store', () => {
  let directory = '';
  let path = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lifeboat-store-'));
    path = join(directory, 'lifeboat.db');
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const open = (): ReturnType<typeof openSqliteStore> => openSqliteStore(path, recordingLogger());
  storeSuite(() => ({ open }));

  const write = async ({ notification, recovery }: OwedRecovery): Promise<void> => {
    const store = await open();
    await store.takeLease({ holder: 'ctl1 test', durationMs: 60_000 });
    await store.addRecovery(notification, recovery);
    await store.close();
  };

  it('is readable by its owner only', async () => {
    const store = await openSqliteStore(path, recordingLogger());
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await store.close();
  });

  it('puts a damaged file aside and starts empty, for what is owed can be read back from Nova', async () => {
    writeFileSync(path, 'this is no database, and it is longer than a header of SQLite would be '.repeat(20));
    const logger = recordingLogger();
    const store = await openSqliteStore(path, logger);
    expect(await store.openRecoveries()).toEqual([]);
    expect(readdirSync(directory)).toContain('lifeboat.db.damaged');
    expect(logger.lines.join()).toContain('damaged');
    await store.close();
  });

  it.each([1, 2])('goes on with what version %i wrote', async (version) => {
    const database = new DatabaseSync(path);
    database.exec(readFileSync(join(SAMPLES, `sqlite-version-${version}.sql`), 'utf8'));
    database.close();
    const store = await open();
    const [recovery] = await store.openRecoveries();
    expect(recovery).toMatchObject({ id: 'r-1', host: 'cmp1', state: 'evacuating', lostSinceMs: 1_779_999_997_000 });
    expect(recovery?.orders, 'nothing was decided').toEqual({});
    const notices = await store.listNotices({ where: [], order: [{ column: 'number', direction: 'asc' }] });
    expect(notices).toMatchObject([
      {
        number: 1,
        origin: 'bridge',
        host: 'cmp1',
        status: 'running',
        recoveryId: 'r-1',
        uuid: recovery?.notificationId,
      },
    ]);
    const moves = await store.movesOf('r-1');
    // Of version 1 the vm_state tells what an instance should be.
    expect(moves.map(({ name, state, wantedState }) => [name, state, wantedState])).toEqual([
      ['web-a', 'done', 'active'],
      ['web-b', 'sending', 'active'],
      ['web-c', 'waiting', 'stopped'],
    ]);
    expect(await store.suspects()).toMatchObject([{ host: 'cmp3', wasDisabled: true, isolated: true }]);
    await store.takeLease({ holder: 'ctl1 test', durationMs: 60_000 });
    await store.saveMoves(moves.map((move) => ({ ...move, state: 'done' })));
    expect((await store.movesOf('r-1')).map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    await store.close();
  });

  it('shows what version 4 had: segments with numbers, and how each notification stands', async () => {
    const database = new DatabaseSync(path);
    database.exec(readFileSync(join(SAMPLES, 'sqlite-version-4.sql'), 'utf8'));
    database.close();
    const order = [{ column: 'number', direction: 'asc' }] as const;
    for (let time = 1; time <= 2; time += 1) {
      const store = await open();
      const segments = await store.listSegments({ where: [], order });
      expect(segments.map(({ id, name, updatedAtMs }) => [id, name, updatedAtMs])).toEqual([
        [1, 'rack-a', undefined],
        [2, 'lab', undefined],
      ]);
      expect((await store.listHosts({ where: [], order })).map(({ id, name }) => [id, name])).toEqual([
        [1, 'cmp2'],
        [2, 'cmp1'],
      ]);
      const notices = await store.listNotices({ where: [], order });
      expect(notices.map(({ number, sourceHostUuid, status, uuid }) => [number, uuid, status, sourceHostUuid])).toEqual(
        [
          [1, 'n-1', 'running', 'h-1'],
          [2, 'n-2', 'finished', 'h-2'],
          [3, 'n-3', 'failed', implicitHostUuid('cmp3')],
          [4, 'n-4', 'failed', implicitHostUuid('cmp3')],
        ],
      );
      expect(notices[0]).toMatchObject({ message: '5 hosts are lost; lifeboat proceed', segmentUuid: 's-1' });
      await store.close();
    }
    const store = await open();
    await store.takeLease({ holder: 'ctl1 test', durationMs: 60_000 });
    const { notification, recovery } = owed(9_000_000);
    await store.addRecovery(notification, recovery);
    expect((await store.listNotices({ where: [], order })).at(-1)?.number).toBe(5);
    await store.close();
  });

  it('ends alike, whatever version it began with', async () => {
    const schemas = await Promise.all(
      [0, 1, 2, 4].map(async (version) => {
        const file = join(directory, `from-${version}.db`);
        const database = new DatabaseSync(file);
        if (version > 0) database.exec(readFileSync(join(SAMPLES, `sqlite-version-${version}.sql`), 'utf8'));
        await (await openSqliteStore(file, recordingLogger())).close();
        const tables = database.prepare("SELECT name FROM sqlite_master WHERE type IN ('table', 'index')").all();
        const columns = [
          'notification',
          'recovery',
          'move',
          'suspect',
          'segment',
          'segment_host',
          'taking',
          'notice',
          'counter',
          'lease',
        ].map((table) =>
          database.prepare(`SELECT name, type, "notnull" FROM pragma_table_info('${table}') ORDER BY name`).all(),
        );
        database.close();
        return { tables: tables.map(({ name }) => name).toSorted(), columns };
      }),
    );
    expect(schemas[1]).toEqual(schemas[0]);
    expect(schemas[2]).toEqual(schemas[0]);
    expect(schemas[3]).toEqual(schemas[0]);
  });

  it('refuses a file of a newer Lifeboat, and leaves it as it is', async () => {
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
    database.close();
    await expect(openSqliteStore(path, recordingLogger())).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
    expect(readdirSync(directory)).not.toContain('lifeboat.db.damaged');
  });

  it('puts a file with a row that it cannot read aside, and names the row', async () => {
    await write(owed());
    const database = new DatabaseSync(path);
    database.exec("UPDATE recovery SET state = 'sleeping'");
    database.close();
    const logger = recordingLogger();
    const second = await openSqliteStore(path, logger);
    expect(await second.openRecoveries()).toEqual([]);
    expect(readdirSync(directory)).toContain('lifeboat.db.damaged');
    expect(logger.lines.join()).toMatch(/recovery .* of cmp1 has the unknown state "sleeping"/);
    await second.close();
  });
});
