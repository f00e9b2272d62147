import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { startDev, type DevProcess } from '../clients/dev-process.ts';
import { newDatabase, startDatabase } from './mariadb.ts';
import { freePort, type DatabaseServer } from './server.ts';

const SCHEMA = join(import.meta.dirname, '../samples/masakari-schema');
const PASSWORD = 'secret';

describe('moving in from Masakari', () => {
  let server: DatabaseServer;
  let folder: string;
  let dev: DevProcess;
  beforeAll(async () => {
    server = await startDatabase();
    folder = mkdtempSync(join(tmpdir(), 'lifeboat-import-'));
    dev = await startDev(await freePort(), ['--folder', folder, '--hosts', '2', '--instances', '0']);
  });
  afterAll(async () => {
    await dev?.stop();
    await server?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A Masakari's database and its masakari.conf. */
  const masakari = async (schema: 'old' | 'new', statements: readonly string[]): Promise<string> => {
    const database = await newDatabase(server);
    const files = schema === 'new' ? ['tables.sql', 'later.sql'] : ['tables.sql'];
    const ddl = files.flatMap((file) => readFileSync(join(SCHEMA, file), 'utf8').split(';\n'));
    await server.admin(async (connection) => {
      await connection.query(`USE \`${database}\``);
      for (const statement of [...ddl, ...statements]) if (statement.trim() !== '') await connection.query(statement);
    });
    const conf = join(folder, `${database}.conf`);
    const text = `[DEFAULT]
osapi_max_limit = 500
host_failure_recovery_threads = 5
[host_failure]
evacuate_all_instances = False
[database]
connection = mysql+pymysql://lifeboat:${PASSWORD}@127.0.0.1:${server.port}/${database}?charset=utf8
[keystone_authtoken]
password = very-secret
`;
    writeFileSync(conf, text, { mode: 0o600 });
    return conf;
  };
  const lifeboat = async (...words: readonly string[]) => {
    let [out, error] = ['', ''];
    const code = await run(words, {
      environment: { USER: 'tester' },
      nowMs: Date.now(),
      out: (text) => (out += text),
      error: (text) => (error += text),
    });
    return { code, out, error };
  };
  const bringIn = (conf: string, ...more: readonly string[]) =>
    lifeboat('import', 'masakari', '--conf', conf, '--socket', join(folder, 'lifeboatd.sock'), ...more);

  const SEGMENT = '11111111-1111-4111-8111-111111111111';
  const HOST = '22222222-2222-4222-8222-222222222222';
  const rows = (columns: string, values: string): readonly string[] => [
    `INSERT INTO failover_segments (deleted, uuid, name, service_type, description, recovery_method${columns}) VALUES ` +
      `(0, '${SEGMENT}', 'prod', 'COMPUTE', NULL, 'rh_priority'${values}), ` +
      `(7, '33333333-3333-4333-8333-333333333333', 'removed', 'COMPUTE', 'x', 'auto'${values})`,
    `INSERT INTO hosts (deleted, uuid, name, reserved, type, control_attributes, failover_segment_id, on_maintenance) VALUES ` +
      `(0, '${HOST}', 'compute-1', NULL, 'COMPUTE', 'SSH', '${SEGMENT}', 1), ` +
      `(0, '44444444-4444-4444-8444-444444444444', 'compute-2', 1, 'COMPUTE', 'SSH', '${SEGMENT}', 0)`,
    `INSERT INTO notifications (deleted, notification_uuid, generated_time, source_host_uuid, type, payload, status) VALUES ` +
      `(0, 'n1', NOW(), '${HOST}', 'VM', '{}', 'finished')`,
  ];

  it('tells first what it would do, with what is left and why, and never a secret', async () => {
    const told = await bringIn(await masakari('new', rows(', enabled', ', NULL')));
    expect(told.code).toBe(0);
    expect(told.out).toContain('prod (rh_priority)\n    compute-1 (on maintenance)\n    compute-2 (reserved)');
    expect(told.out).toContain('instances:\n    select: marked');
    expect(told.out).toContain('max_limit: 500');
    expect(told.out).toContain('[DEFAULT] host_failure_recovery_threads: evacuation.parallel');
    expect(told.out).toContain('[keystone_authtoken] password: ');
    expect(told.out).toContain('1 segments and 0 hosts that were removed are left');
    expect(told.out).toContain('nothing was changed');
    expect(told.out + told.error).not.toMatch(/very-secret|:secret@/);
    expect(await (await fetch(`${dev.url}/v1/segments`)).text()).not.toContain('prod');
  });

  it('brings segments and hosts in with their uuids, and a second time changes nothing', async () => {
    const conf = await masakari('old', rows('', ''));
    const first = await bringIn(conf, '--apply');
    expect([first.code, first.error]).toEqual([0, '']);
    expect(first.out).toContain('the segment prod is brought in: 2 hosts are new, 0 were there');
    const { segments } = (await (await fetch(`${dev.url}/v1/segments`)).json()) as { segments: object[] };
    expect(segments).toMatchObject([{ uuid: SEGMENT, name: 'prod', recovery_method: 'rh_priority', enabled: true }]);
    const hosts = (await (
      await fetch(`${dev.url}/v1/segments/${SEGMENT}/hosts?sort_key=name&sort_dir=asc`)
    ).json()) as object;
    expect(hosts).toMatchObject({
      hosts: [
        { uuid: HOST, name: 'compute-1', reserved: false, on_maintenance: true },
        { name: 'compute-2', reserved: true, on_maintenance: false },
      ],
    });
    const again = await bringIn(conf, '--apply');
    expect(again.out).toContain('the segment prod was there: 0 hosts are new, 2 were there');
  });

  it('waits for what Masakari has at work, unless it is told not to', async () => {
    const conf = await masakari('new', [
      ...rows(', enabled', ', 0'),
      `UPDATE notifications SET status = 'running', failover_segment_uuid = NULL`,
    ]);
    const told = await bringIn(conf, '--apply');
    expect(told.code).toBe(1);
    expect(told.out).toContain('1 notifications of Masakari are new, running or in error');
    expect((await bringIn(conf, '--apply', '--even-if-running')).code).toBe(0);
  });

  it.each([
    ['a file that is not there', () => Promise.resolve('/nonexistent/masakari.conf'), /cannot be read \(ENOENT\)/],
    ['no connection', () => confWith('[DEFAULT]\n'), /connection is missing/],
    [
      'another kind of database',
      () => confWith('[database]\nconnection = postgresql://u:secret@h/d\n'),
      /not one of MySQL/,
    ],
    ['a line that is nothing', () => confWith('[database]\nwhat is this\n'), /:2: is neither/],
    [
      'a server that is not there',
      () => confWith('[database]\nconnection = mysql://u:secret@127.0.0.1:1/d\n'),
      /cannot be read/,
    ],
    ['a database of something else', async () => confWith(await elsewhere()), /is not a database of Masakari/],
  ] as const)('refuses %s by its name, and shows no secret', async (_, conf, words) => {
    const told = await bringIn(await conf());
    expect(told.code).not.toBe(0);
    expect(told.error).toMatch(words);
    expect(told.error).not.toContain('secret');
  });

  async function confWith(text: string): Promise<string> {
    const path = join(folder, 'broken.conf');
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }
  async function elsewhere(): Promise<string> {
    const database = await newDatabase(server);
    return `[database]\nconnection = mysql+pymysql://lifeboat:${PASSWORD}@127.0.0.1:${server.port}/${database}\n`;
  }
});
