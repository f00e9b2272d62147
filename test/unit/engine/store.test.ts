import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemRandomness } from '../../../src/edge/randomness.ts';
import { newRecovery, type OwedRecovery } from '../../../src/engine/rebuild.ts';
import { openSqliteStore } from '../../../src/engine/store/sqlite-store.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { proofOf } from './bench.ts';

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

  const owed = (completedAtMs = 1_000_000): OwedRecovery => {
    const proof = proofOf('cmp1', completedAtMs);
    return newRecovery({ host: 'cmp1', node: 'cmp1', proof, lostSinceMs: 1, now: 2 }, systemRandomness);
  };

  it('gives back what was written, after it was closed and opened again', async () => {
    const { notification, recovery } = owed();
    const first = await openSqliteStore(path, recordingLogger());
    expect(await first.addRecovery(notification, recovery)).toBe('added');
    await first.close();
    const second = await openSqliteStore(path, recordingLogger());
    expect(await second.openRecoveries()).toEqual([recovery]);
    await second.close();
  });

  it('takes one proof once: the second notification of it changes nothing', async () => {
    const store = await openSqliteStore(path, recordingLogger());
    const first = owed();
    const second = owed();
    expect(await store.addRecovery(first.notification, first.recovery)).toBe('added');
    expect(await store.addRecovery(second.notification, second.recovery)).toBe('known');
    expect(await store.openRecoveries()).toEqual([first.recovery]);
    await store.close();
  });

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

  it('reads what version 1 wrote: its vm_state tells what an instance should be', async () => {
    const { notification, recovery } = owed();
    const first = await openSqliteStore(path, recordingLogger());
    await first.addRecovery(notification, recovery);
    await first.close();
    const database = new DatabaseSync(path);
    for (const column of ['wanted_state', 'rank', 'way']) database.exec(`ALTER TABLE move DROP COLUMN ${column}`);
    for (const table of ['segment_host', 'segment', 'taking']) database.exec(`DROP TABLE ${table}`);
    database.exec('ALTER TABLE recovery DROP COLUMN orders');
    database.exec('PRAGMA user_version = 1');
    const columns =
      'id, recovery_id, instance_id, name, state, source_host, former_vm_state, failures, past_evacuation_id';
    const insert = database.prepare(`INSERT INTO move (${columns}) VALUES (?, ?, ?, ?, 'waiting', 'cmp1', ?, 0, 0)`);
    for (const state of ['active', 'paused', 'stopped']) insert.run(state, recovery.id, state, state, state);
    database.close();
    const second = await openSqliteStore(path, recordingLogger());
    const moves = await second.movesOf(recovery.id);
    expect(moves.map(({ name, wantedState }) => [name, wantedState])).toEqual([
      ['active', 'active'],
      ['paused', 'paused'],
      ['stopped', 'stopped'],
    ]);
    await second.close();
  });

  it('gives back what was decided about a recovery, and reads what version 2 wrote: nothing was decided', async () => {
    const { notification, recovery } = owed();
    const orders = { cancelled: { by: 'root', atMs: 3, reason: 'the wrong rack' } };
    const first = await openSqliteStore(path, recordingLogger());
    await first.addRecovery(notification, recovery);
    await first.saveRecovery({ ...recovery, orders });
    expect(await first.openRecoveries()).toEqual([{ ...recovery, orders }]);
    await first.close();
    const database = new DatabaseSync(path);
    for (const column of ['rank', 'way']) database.exec(`ALTER TABLE move DROP COLUMN ${column}`);
    for (const table of ['segment_host', 'segment', 'taking']) database.exec(`DROP TABLE ${table}`);
    database.exec('ALTER TABLE recovery DROP COLUMN orders');
    database.exec('PRAGMA user_version = 2');
    database.close();
    const second = await openSqliteStore(path, recordingLogger());
    expect(await second.openRecoveries()).toEqual([recovery]);
    await second.close();
  });

  it('refuses a file of a newer Lifeboat, and leaves it as it is', async () => {
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
    database.close();
    await expect(openSqliteStore(path, recordingLogger())).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
    expect(readdirSync(directory)).not.toContain('lifeboat.db.damaged');
  });

  it('puts a file with a row that it cannot read aside, and names the row', async () => {
    const { notification, recovery } = owed();
    const first = await openSqliteStore(path, recordingLogger());
    await first.addRecovery(notification, recovery);
    await first.close();
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
