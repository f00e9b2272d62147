import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startCheckedDev } from './checked-dev.ts';
import type { DevProcess } from './dev-process.ts';

const RECORDING = readFileSync(join(import.meta.dirname, '../samples/masakari/cli-debug.txt'), 'utf8');

type Row = Readonly<Record<string, unknown>>;

/** What the same client showed of Masakari's answer to this command, in its order. */
function recordedFields(command: string): readonly string[] {
  const [, recorded = ''] = RECORDING.split(`### openstack ${command}`);
  const rows = recorded.split('\n### ', 1)[0]?.matchAll(/^\| (\w+) +\| /gm) ?? [];
  return [...rows].map(([, field = '']) => field).filter((field) => field !== 'Field');
}

/** Every command of python-masakariclient, as Debian packages it, with tokens of the emulated Keystone. */
describe('the command line of Masakari', () => {
  let dev: DevProcess;
  beforeAll(async () => {
    dev = await startCheckedDev({ args: ['--auth', 'keystone', '--hosts', '4'] });
  });
  afterAll(() => dev?.stop());

  const run = async (...words: readonly string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)('openstack', [...words], {
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: '/nonexistent', ...dev.environment },
      timeout: 60_000,
    });
    return stdout;
  };
  const list = async (...words: readonly string[]): Promise<readonly Row[]> =>
    JSON.parse(await run(...words, '-f', 'json')) as readonly Row[];
  const show = async (...words: readonly string[]): Promise<Row> =>
    JSON.parse(await run(...words, '-f', 'json')) as Row;
  const refused = (...words: readonly string[]): Promise<string> =>
    run(...words).then(
      () => 'it was done',
      (error: { readonly stderr: string }) => error.stderr,
    );

  it('shows the implicit segment and its hosts before anybody has made one', async () => {
    expect(await list('segment', 'list')).toMatchObject([{ name: 'lifeboat', recovery_method: 'auto' }]);
    const hosts = await list('segment', 'host', 'list', 'lifeboat');
    expect(hosts.map(({ name }) => name).toSorted()).toEqual(['compute-1', 'compute-2', 'compute-3', 'compute-4']);
  });

  it('makes, shows, changes and removes segments', async () => {
    const made = await show('segment', 'create', 'seg', 'auto', 'COMPUTE', '--description', 'of the tests');
    expect(made).toMatchObject({ name: 'seg', description: 'of the tests', service_type: 'COMPUTE', is_enabled: true });
    const changed = await show('segment', 'update', 'seg', '--recovery_method', 'rh_priority', '--name', 'seg2');
    expect(changed).toMatchObject({ uuid: made['uuid'], name: 'seg2', recovery_method: 'rh_priority' });
    expect(await show('segment', 'show', 'seg2')).toMatchObject({ uuid: made['uuid'] });
    const off = ['--is_enabled', 'False'];
    expect(await show('segment', 'create', 'off', 'auto', 'COMPUTE', ...off)).toMatchObject({ is_enabled: false });
    // For openstacksdk a limit is the size of a page: it asks on, by the number of the last row.
    expect((await list('segment', 'list', '--limit', '1')).map(({ name }) => name)).toEqual(['off', 'seg2']);
    expect((await list('segment', 'list', '--sort', 'name:asc')).map(({ name }) => name)).toEqual(['off', 'seg2']);
    expect(await refused('segment', 'create', 'off', 'auto', 'COMPUTE')).toContain('already exists');
    expect(await run('segment', 'delete', 'off')).toContain('Segment deleted: off');
    expect(await refused('segment', 'show', 'off')).not.toBe('it was done');
  });

  it('makes, shows, changes and removes hosts', async () => {
    const made = await show('segment', 'host', 'create', 'compute-1', 'COMPUTE', 'SSH', 'seg2');
    expect(made).toMatchObject({ name: 'compute-1', reserved: false, on_maintenance: false });
    await show('segment', 'host', 'create', 'compute-2', 'COMPUTE', 'SSH', 'seg2', '--reserved', 'True');
    await show('segment', 'host', 'create', 'compute-3', 'COMPUTE', 'SSH', 'seg2');
    const changed = await show('segment', 'host', 'update', 'seg2', 'compute-3', '--on_maintenance', 'True');
    expect(changed).toMatchObject({ name: 'compute-3', on_maintenance: true });
    expect(await show('segment', 'host', 'show', 'seg2', 'compute-2')).toMatchObject({ reserved: true });
    expect(await list('segment', 'host', 'list', 'seg2')).toHaveLength(3);
    expect(await refused('segment', 'host', 'create', 'nosuch', 'COMPUTE', 'SSH', 'seg2')).toContain(
      'Compute service with name nosuch could not be found',
    );
    await run('segment', 'host', 'delete', 'seg2', 'compute-3');
    expect(await list('segment', 'host', 'list', 'seg2')).toHaveLength(2);
  });

  it('reports a failure, and follows its recovery to the last instance', async () => {
    const before = ['notification', 'create', 'COMPUTE_HOST', 'compute-1'];
    const when = new Date().toISOString().slice(0, 19);
    const payload = '{"event": "STOPPED", "cluster_status": "OFFLINE", "host_status": "NORMAL"}';
    const made = await show(...before, when, payload);
    expect(made).toMatchObject({ type: 'COMPUTE_HOST' });
    expect(Object.keys(made)).toEqual(recordedFields('notification create'));
    const uuid = String(made['notification_uuid']);
    expect(await refused(...before, when, payload)).toContain('is duplicate');
    // The client says so on its standard error, and ends with 0.
    await run('segment', 'delete', 'seg2');
    expect(await list('segment', 'list')).toMatchObject([{ name: 'seg2' }]);
    // A report is a claim: nothing is done before the fencing.
    expect(await show('notification', 'show', uuid)).toMatchObject({ status: 'running' });
    dev.say('kill compute-1');
    await eventually(
      'the report has followed the recovery to its end',
      async () => (await show('notification', 'show', uuid))['status'] === 'finished',
      { withinMs: 90_000, everyMs: 500 },
    );
    const shown = await list('notification', 'list');
    expect(shown.map(({ status, type }) => [type, status])).toEqual([
      ['COMPUTE_HOST', 'finished'],
      ['COMPUTE_HOST', 'finished'],
    ]);
    const details = await show('--os-ha-api-version', '1.1', 'notification', 'show', uuid);
    expect(JSON.stringify(details['recovery_workflow_details'])).toContain('evacuate');
  });
});
