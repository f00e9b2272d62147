import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { openSqliteStore } from '../../src/engine/store/sqlite-store.ts';
import type { SchemaName } from '../../src/masakari/database/schema.ts';
import { recordingLogger } from '../support/recording-logger.ts';
import { startDev, type DevProcess } from '../clients/dev-process.ts';
import { startDatabase } from './mariadb.ts';
import { connectionTo, createMasakari, MASAKARI_PASSWORD, runSql, type SampleFile } from './masakari-database.ts';
import { freePort, type DatabaseServer } from './server.ts';

let server: DatabaseServer;
let folder: string;
let count = 0;
let dev: DevProcess | undefined;

beforeAll(async () => {
  server = await startDatabase();
});
afterAll(() => server?.remove());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lifeboat-moving-'));
  mkdirSync(join(folder, 'state'));
  return async () => {
    await dev?.stop();
    dev = undefined;
    rmSync(folder, { recursive: true, force: true });
  };
});

interface Typed {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** As an operator types it; what is shown holds no password, ever. */
async function lifeboat(...words: readonly string[]): Promise<Typed> {
  let out = '';
  let error = '';
  const environment = { LIFEBOAT_CONFIG: join(folder, 'lifeboat.yaml'), LIFEBOAT_DATABASE_PASSWORD: 'secret' };
  const code = await run(words, {
    environment,
    nowMs: Date.now(),
    out: (text) => (out += text),
    error: (text) => (error += text),
  });
  for (const secret of [MASAKARI_PASSWORD, encodeURIComponent(MASAKARI_PASSWORD), 'hunter2'])
    expect(out + error).not.toContain(secret);
  return { code, out, error };
}

async function newMasakari(
  schema: SchemaName,
  files: readonly SampleFile[] = ['rows', ...(schema === 'zed' ? [] : (['vmoves'] as const))],
): Promise<string> {
  count += 1;
  const database = `masakari_${count}`;
  await createMasakari(server, database, schema, files);
  return database;
}

/** Dev mode, whose store is that of the configuration. */
async function startEngine(): Promise<DevProcess> {
  dev = await startDev(await freePort(), ['--folder', join(folder, 'state'), '--hosts', '2', '--instances', '0']);
  return dev;
}

function configure(database: string, more = '', store = 'retention: 3650d'): void {
  writeFileSync(
    join(folder, 'masakari.conf'),
    `[DEFAULT]\n${more}\n[database]\nconnection = ${connectionTo(server, database)}\n`,
  );
  const state = `state_directory: ${join(folder, 'state')}\n`;
  writeFileSync(join(folder, 'lifeboat.yaml'), `${state}store:\n  ${store}\n`, { mode: 0o644 });
}

const importing = (...more: readonly string[]): Promise<Typed> =>
  lifeboat(
    ...['import', 'masakari', '--conf', join(folder, 'masakari.conf')],
    ...['--socket', join(folder, 'state', 'lifeboatd.sock'), ...more],
  );

async function inStore<T>(work: (store: Awaited<ReturnType<typeof openSqliteStore>>) => Promise<T>): Promise<T> {
  const store = await openSqliteStore(join(folder, 'state', 'lifeboat.db'), recordingLogger());
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

const IN_ORDER = { where: [], order: [{ column: 'number', direction: 'asc' }] } as const;

describe('lifeboat import masakari', () => {
  it.each(['zed', '2023.1', '2025.2'] as const)(
    'shows what it would write of the schema of %s, and writes nothing',
    async (schema) => {
      configure(await newMasakari(schema));
      const { code, out } = await importing();
      expect(code, out).toBe(0);
      expect(out).toContain('segments: 3 new');
      expect(out).toMatch(/new +rack-b +rh_priority, disabled/);
      expect(out).toContain('hosts: 4 new');
      expect(out).toMatch(/new +cmp9 +in rack-b, reserved/);
      expect(out).toContain('notifications that have ended: 2 finished, 1 failed, 1 ignored');
      expect(out).toContain(`moves of instances with them: ${schema === 'zed' ? 'none' : 3}`);
      expect(out).toContain('of failover_segments, deleted in Masakari: 1');
      expect(out).toContain('notifications that are older than store.retention, and would be removed at once: 1');
      expect(out).toContain(
        "cmp2; when it is sound: openstack segment host update 'rack a' cmp2 --on_maintenance False",
      );
      expect(out).toContain('the same with --apply');
      expect(() => readFileSync(join(folder, 'state', 'lifeboat.db'))).toThrow('ENOENT');
    },
  );

  it('writes all of it with uuids, ids and times, and a second time nothing', async () => {
    configure(await newMasakari('2025.2'));
    await startEngine();
    const first = await importing('--apply');
    expect(first).toMatchObject({ code: 0, error: '' });
    expect(first.out).toContain('the segment rack a is brought in: 2 hosts are new, 0 were there');
    expect(first.out).toContain('4 notifications are brought in, 0 were there');
    const written = await inStore(async (store) => ({
      segments: await store.listSegments(IN_ORDER),
      hosts: await store.listHosts(IN_ORDER),
      notices: await store.listNotices(IN_ORDER),
    }));
    expect(written.segments.map(({ id, name, enabled }) => [id, name, enabled])).toEqual([
      [3, 'rack a', true],
      [5, 'rack-b', false],
      [6, 'of null', true],
    ]);
    expect(written.segments[0]).toMatchObject({
      uuid: '11111111-1111-4111-8111-000000000003',
      description: 'the first; it\'s "a" \\ rack',
      createdAtMs: Date.parse('2026-01-02T03:04:05Z'),
      declared: false,
    });
    expect(written.hosts.map(({ id, name, reserved, onMaintenance }) => [id, name, reserved, onMaintenance])).toEqual([
      [10, 'cmp1', false, false],
      [11, 'cmp2', false, true],
      [12, 'cmp9', true, false],
      [14, 'cmp4.example.com', false, false],
    ]);
    expect(
      written.notices.map(({ number, host, status, segmentUuid }) => [number, host, status, segmentUuid?.slice(-1)]),
    ).toEqual([
      [100, 'cmp1', 'finished', '3'],
      [101, 'cmp7', 'failed', '3'],
      [103, 'cmp2', 'ignored', '3'],
      [104, 'cmp2', 'finished', '3'],
    ]);
    const again = await importing('--apply');
    expect(again).toMatchObject({ code: 0 });
    expect(again.out).toContain('Lifeboat has all of it already: nothing was changed');
    const shown = await importing();
    expect(shown.out).toContain('4 there already');
    expect(await inStore((store) => store.listNotices(IN_ORDER))).toEqual(written.notices);
  });

  it('gives what comes later greater numbers than it took over', async () => {
    configure(await newMasakari('2025.2'));
    const { url } = await startEngine();
    await importing('--apply');
    const segment = { name: 'later', recovery_method: 'auto', service_type: 'COMPUTE' };
    const made = await fetch(`${url}/v1/segments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ segment }),
    });
    expect(await made.json()).toMatchObject({ segment: { id: 7, name: 'later' } });
  });

  it('leaves what is there as it is, also when it has changed in Masakari since, and says what differs', async () => {
    const database = await newMasakari('2025.2');
    configure(database);
    await startEngine();
    await importing('--apply');
    await runSql(
      server,
      database,
      "UPDATE hosts SET on_maintenance = 0, updated_at = '2026-11-24 00:00:00' WHERE id = 11",
    );
    const { out } = await importing('--apply');
    expect(out).toContain('hosts: 3 there, 1 differs');
    expect(out).toMatch(/differs +cmp2 +on_maintenance: here true, there false/);
    expect(out).toContain('Lifeboat has all of it already');
    const hosts = await inStore((store) => store.listHosts(IN_ORDER));
    expect(hosts[1]).toMatchObject({ id: 11, onMaintenance: true });
  });

  it('does the rest when it was cut off in its middle', async () => {
    configure(await newMasakari('2025.2'));
    const { url } = await startEngine();
    await importing('--apply');
    const [uuid] = (await inStore((store) => store.listSegments(IN_ORDER))).map((segment) => segment.uuid);
    await fetch(`${url}/v1/segments/${uuid}`, { method: 'DELETE' });
    const again = await importing('--apply');
    expect(again.out).toContain('the segment rack a is brought in: 2 hosts are new, 0 were there');
    expect(again.out).not.toContain('rack-b is brought in');
    expect((await inStore((store) => store.listSegments(IN_ORDER))).map(({ name }) => name).toSorted()).toEqual([
      'of null',
      'rack a',
      'rack-b',
    ]);
  });

  it('writes nothing while Masakari has not ended a notification, unless it is told to leave it', async () => {
    const database = await newMasakari('2023.1');
    configure(database);
    await runSql(server, database, "UPDATE notifications SET status = 'running' WHERE id = 100");
    await startEngine();
    expect(await importing()).toMatchObject({ code: 1 });
    const { code, out } = await importing('--apply');
    expect(code).toBe(1);
    expect(out).toContain(
      'Masakari has not ended the COMPUTE_HOST notification 33333333-3333-4333-8333-000000000100 of cmp1',
    );
    expect(await inStore((store) => store.listSegments(IN_ORDER))).toEqual([]);
    expect(await importing('--apply', '--even-if-running')).toMatchObject({ code: 0 });
    const notices = await inStore((store) => store.listNotices(IN_ORDER));
    expect(notices.map(({ number }) => number)).toEqual([101, 103, 104]);
  });

  it('names each row that cannot be, and writes nothing when it is a segment or a host', async () => {
    const database = await newMasakari('2025.2');
    configure(database);
    await runSql(
      server,
      database,
      `UPDATE notifications SET payload = '{"event": ' WHERE id = 100;
UPDATE notifications SET type = 'RACK' WHERE id = 103;
UPDATE notifications SET payload = NULL WHERE id = 104;
UPDATE notifications SET source_host_uuid = 'gone' WHERE id = 101;
UPDATE vmoves SET status = 'lost' WHERE id = 7`,
    );
    const shown = await importing();
    expect(shown.code).toBe(0);
    for (const line of [
      'row 100 of notifications: payload is no JSON',
      'row 101 of notifications: source_host_uuid is gone, and there is no such host',
      'row 103 of notifications: type is "RACK", which is none of COMPUTE_HOST, VM, PROCESS',
      'row 104 of notifications: payload is empty',
      'row 7 of vmoves: status is "lost"',
    ])
      expect(shown.out).toContain(line);
    await runSql(
      server,
      database,
      "SET SESSION sql_mode = '';\nUPDATE failover_segments SET recovery_method = 'unheard' WHERE id = 5",
    );
    const { code, out } = await importing('--apply');
    expect(code).toBe(1);
    expect(out).toContain('row 5 of failover_segments: recovery_method is "", which is none of auto');
    expect(() => readFileSync(join(folder, 'state', 'lifeboat.db'))).toThrow('ENOENT');
  });

  it('does not take the place of what Lifeboat has under the same name', async () => {
    configure(await newMasakari('2025.2'));
    await inStore(async (store) => {
      await store.takeLease({ holder: 'ctl1 test', durationMs: 60_000 });
      await store.replaceSegments([
        { ...NEW_SEGMENT, name: 'rack-b', declared: true, hosts: [{ ...NEW_HOST, name: 'CMP1' }] },
      ]);
      await store.releaseLease();
    });
    const { code, out } = await importing('--apply');
    expect(code).toBe(1);
    expect(out).toContain('the segment rack-b is declared in lifeboat.yaml, which wins');
    expect(out).toContain('Lifeboat has a host CMP1 of its own');
    expect(await inStore((store) => store.listSegments(IN_ORDER))).toHaveLength(1);
  });

  it('is written by the engine that runs, and by nobody when none does', async () => {
    configure(await newMasakari('2025.2'));
    const { code, error } = await importing('--apply');
    expect(code).toBe(3);
    expect(error).toContain('DAEMON_UNREACHABLE');
    expect(() => readFileSync(join(folder, 'state', 'lifeboat.db'))).toThrow('ENOENT');
  });

  it('is shown by the API at once, with the moves, without a restart', async () => {
    configure(await newMasakari('2025.2'));
    const { url } = await startEngine();
    await importing('--apply');
    const get = async (path: string): Promise<unknown> => (await fetch(`${url}/v1${path}`)).json();
    expect(await get('/segments?sort_key=id&sort_dir=asc')).toMatchObject({
      segments: [{ id: 3, name: 'rack a' }, { id: 5, enabled: false }, { id: 6 }],
    });
    const uuid = '33333333-3333-4333-8333-000000000100';
    expect(await get(`/notifications/${uuid}`)).toMatchObject({
      notification: { id: 100, status: 'finished', source_host_uuid: '22222222-2222-4222-8222-000000000010' },
    });
    expect(await get(`/notifications/${uuid}/vmoves?sort_key=id&sort_dir=asc`)).toMatchObject({
      vmoves: [
        { id: 7, instance_name: 'web-1', status: 'succeeded', dest_host: 'cmp2' },
        { id: 8, status: 'failed', message: 'Failed reason: timeout.', dest_host: null },
      ],
    });
  });

  it.each([
    ['another password', (url: string) => url.replace(/:[^:@]*@/, ':hunter2@'), 'Access denied'],
    ['a database that is not there', (url: string) => url.replace('masakari_', 'nowhere_'), 'denied'],
    ['a server that is not there', (url: string) => url.replace(/:\d+\//, ':1/'), 'ECONNREFUSED'],
    ['another kind of database', () => 'postgresql://masakari:hunter2@ctl1/masakari', 'only MySQL and MariaDB'],
  ])('says what is wrong with %s', async (_what, change, words) => {
    const database = await newMasakari('2025.2', []);
    configure(database);
    const file = join(folder, 'masakari.conf');
    const text = readFileSync(file, 'utf8');
    const url = connectionTo(server, database);
    writeFileSync(file, text.replace(url, change(url)));
    const { code, error, out } = await importing('--apply');
    expect([code, out]).toEqual([1, '']);
    expect(error).toContain(words);
  });

  it.each([
    [
      'of another program',
      'DROP TABLE notifications; DROP TABLE hosts; DROP TABLE failover_segments',
      'it is no database of Masakari',
    ],
    ['of an unknown version', "UPDATE alembic_version SET version_num = 'ffff00001111'", 'its version is ffff00001111'],
    ['that lacks a column', 'ALTER TABLE notifications DROP COLUMN message', 'lacks notifications.message'],
  ])('refuses a schema %s', async (_what, change, words) => {
    const database = await newMasakari('2025.2', []);
    configure(database);
    await runSql(server, database, change.replaceAll('; ', ';\n'));
    const { code, error } = await importing();
    expect(code).toBe(1);
    expect(error).toContain(words);
    expect(error).toContain('MASAKARI_SCHEMA_UNKNOWN');
  });

  it('says so when no file says where the database is', async () => {
    configure(await newMasakari('2025.2', []));
    writeFileSync(join(folder, 'masakari.conf'), '[DEFAULT]\ndebug = true\n');
    const { code, error } = await importing();
    expect(code).toBe(1);
    expect(error).toContain('[database] connection stands in none of');
  });

  it('changes nothing in Masakari: its session may not write', async () => {
    const database = await newMasakari('2025.2');
    configure(database);
    const sums = () =>
      server.rows(
        `CHECKSUM TABLE ${['failover_segments', 'hosts', 'notifications', 'vmoves'].map((table) => `\`${database}\`.${table}`).join(', ')}`,
      );
    const before = await sums();
    await startEngine();
    await importing('--apply');
    expect(await sums()).toEqual(before);
  });

  it('shows the same to programs', async () => {
    configure(await newMasakari('2025.2'), 'osapi_max_limit = 500\nos_privileged_user_password = hunter2');
    const { code, out } = await importing('--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      schema: '2025.2',
      outcome: { kind: 'planned', obstacles: [] },
      segments: [{ name: 'rack a', change: 'new' }, { name: 'rack-b' }, { name: 'of null' }],
      notifications: { byStatus: { finished: 2, failed: 1, ignored: 1 }, vmoves: 3, known: 0, old: 1 },
      lifeboatYaml: 'api:\n  max_limit: 500\n',
    });
  });
});

describe('lifeboat export masakari', () => {
  const TABLES = ['failover_segments', 'hosts', 'notifications', 'vmoves'] as const;
  const rowsOf = async (database: string, table: string): Promise<readonly Record<string, unknown>[]> => {
    const rows = await server.rows<Record<string, unknown>>(
      `SELECT * FROM \`${database}\`.${table} WHERE deleted = 0 AND id <> 50 ORDER BY id`,
    );
    // JSON with blanks or without, and its keys in any order, is the same payload.
    return rows.map((row) =>
      'payload' in row ? { ...row, payload: JSON.parse(String(row.payload)) as unknown } : row,
    );
  };

  it.each(['zed', '2023.1', '2025.2'] as const)(
    'gives back to the schema of %s what was taken out of it, row by row',
    async (schema) => {
      const source = await newMasakari(schema);
      configure(source);
      await startEngine();
      expect((await importing('--apply')).code).toBe(0);
      const to = join(folder, 'out');
      const { code, out } = await lifeboat('export', 'masakari', '--to', to, '--schema', schema);
      expect(code).toBe(0);
      expect(out).toContain('3 segments, 4 hosts, 4 notifications');
      const copy = await newMasakari(schema, []);
      await runSql(server, copy, readFileSync(join(to, 'masakari.sql'), 'utf8'));
      for (const table of TABLES) {
        if (schema === 'zed' && table === 'vmoves') continue;
        const expected = (await rowsOf(source, table)).map((row) => asGivenBack(table, row));
        expect(await rowsOf(copy, table)).toEqual(expected);
      }
    },
  );

  it('is refused as a whole by a database that has one of the rows already', async () => {
    configure(await newMasakari('2025.2'));
    await startEngine();
    await importing('--apply');
    await lifeboat('export', 'masakari', '--to', join(folder, 'out'));
    const copy = await newMasakari('2025.2', []);
    const insert = readFileSync(join(folder, 'out', 'masakari.sql'), 'utf8');
    const [segment = ''] = insert.split('\n').filter((line) => line.startsWith('INSERT'));
    await runSql(server, copy, segment.replace("'11111111-1111-4111-8111-000000000003'", "'other'"));
    await expect(runSql(server, copy, insert)).rejects.toThrow('Duplicate entry');
    expect(await rowsOf(copy, 'failover_segments')).toHaveLength(1);
  });

  it('leaves behind what has not ended: Masakari would take it up without a proof', async () => {
    configure(await newMasakari('2025.2'));
    await startEngine();
    await importing('--apply');
    await dev?.stop();
    await inStore(async (store) => {
      await store.takeLease({ holder: 'ctl1 test', durationMs: 1_000, evenIf: undefined });
      const [notice] = await store.listNotices(IN_ORDER);
      if (notice === undefined) throw new Error('no notice');
      const { createdAtMs: _created, number: _number, updatedAtMs: _updated, ...told } = notice;
      await store.addNotice({
        ...told,
        uuid: '99999999-9999-4999-8999-000000000009',
        origin: 'report',
        status: 'running',
      });
    });
    const { code, out } = await lifeboat('export', 'masakari', '--to', join(folder, 'out'));
    expect(code).toBe(0);
    expect(out).toContain(
      'stays behind: the COMPUTE_HOST notification 99999999-9999-4999-8999-000000000009 of cmp1: it is running',
    );
    expect(readFileSync(join(folder, 'out', 'masakari.sql'), 'utf8')).not.toContain('99999999');
  });

  it('gives segments and hosts as commands too, which a shell reads as they are meant', async () => {
    configure(await newMasakari('2025.2'));
    await startEngine();
    await importing('--apply');
    await lifeboat('export', 'masakari', '--to', join(folder, 'out'));
    expect(readFileSync(join(folder, 'out', 'segments.sh'), 'utf8').split('\n')).toEqual([
      '#!/bin/sh',
      'set -e',
      `openstack segment create --description 'the first; it'\\''s "a" \\ rack' -- 'rack a' auto COMPUTE`,
      "openstack segment host create -- cmp1 COMPUTE SSH 'rack a'",
      "openstack segment host create --on_maintenance True -- cmp2 COMPUTE SSH 'rack a'",
      'openstack segment create --is_enabled False -- rack-b rh_priority COMPUTE',
      "openstack segment host create --reserved True -- cmp9 COMPUTE '' rack-b",
      "openstack segment create -- 'of null' auto_priority COMPUTE",
      "openstack segment host create -- cmp4.example.com '' x 'of null'",
      '',
    ]);
  });

  it('says so when there is nothing yet', async () => {
    configure(await newMasakari('2025.2', []));
    const { code, error } = await lifeboat('export', 'masakari', '--to', join(folder, 'out'));
    expect(code).toBe(1);
    expect(error).toContain('there is nothing to move out');
  });
});

/** NULLs of Masakari mean a default, and failover_segment_uuid is filled: with one NULL Masakari shows no notification. */
function asGivenBack(table: string, row: Record<string, unknown>): Record<string, unknown> {
  if (table === 'failover_segments') return { ...row, enabled: row.enabled ?? 1 };
  if (table === 'hosts') return { ...row, reserved: row.reserved ?? 0, on_maintenance: row.on_maintenance ?? 0 };
  if (table === 'notifications' && 'failover_segment_uuid' in row)
    return { ...row, failover_segment_uuid: row.failover_segment_uuid ?? '11111111-1111-4111-8111-000000000003' };
  return row;
}

const NEW_SEGMENT = {
  uuid: '99999999-9999-4999-8999-000000000001',
  name: 'later',
  description: undefined,
  serviceType: 'COMPUTE',
  recoveryMethod: 'auto',
  enabled: true,
  declared: false,
} as const;

const NEW_HOST = {
  uuid: '99999999-9999-4999-8999-000000000002',
  name: 'cmp1',
  type: 'COMPUTE',
  controlAttributes: 'SSH',
  reserved: false,
  onMaintenance: false,
} as const;
