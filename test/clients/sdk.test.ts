import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../store/server.ts';
import { startDev, type DevProcess } from './dev-process.ts';

const SCRIPT = join(import.meta.dirname, 'every-sdk-call.py');
/** Debian's openstacksdk belongs to it; another Python may come first in PATH. */
const PYTHON = '/usr/bin/python3';

/** openstacksdk as Debian packages it, without Keystone, as Horizon and scripts of operators use it. */
describe('openstacksdk', () => {
  let dev: DevProcess;
  beforeAll(async () => {
    dev = await startDev(await freePort(), ['--hosts', '2']);
  });
  afterAll(() => dev?.stop());

  it('gets from every call what it expects', async () => {
    const { stdout } = await promisify(execFile)(PYTHON, [SCRIPT, `${dev.url}/v1`], { timeout: 60_000 });
    const outcomes = JSON.parse(stdout) as readonly (readonly [
      call: string,
      outcome: string | number,
      what: unknown,
    ])[];
    const payload = { event: 'STOPPED', process_name: 'nova-compute' };
    expect(outcomes).toMatchObject([
      ['create_segment', 'done', { name: 'seg', recovery_method: 'auto', service_type: 'COMPUTE' }],
      ['create_segment', 409, 'Failover segment with name seg already exists.'],
      ['create_segment', 400, expect.stringContaining("'nosuch' is not one of")],
      ['segments', 'done', [{ name: 'seg' }]],
      ['get_segment', 'done', { name: 'seg', description: null }],
      ['update_segment', 'done', { name: 'seg2', description: 'changed' }],
      ['create_host', 'done', { name: 'compute-1', reserved: false, on_maintenance: false }],
      ['create_host', 400, 'Compute service with name nosuch could not be found.'],
      ['hosts', 'done', [{ name: 'compute-1' }]],
      ['get_host', 'done', { name: 'compute-1', type: 'COMPUTE', control_attributes: 'SSH' }],
      ['update_host', 'done', { name: 'compute-1', reserved: true }],
      ['create_notification', 'done', { type: 'PROCESS', payload }],
      ['create_notification', 409, expect.stringContaining('is duplicate')],
      ['create_notification', 400, 'Host with name nosuch could not be found.'],
      ['notifications', 'done', [{ type: 'PROCESS', payload }]],
      ['get_notification', 'done', { generated_time: '2026-11-22T06:38:18.000000' }],
      ['delete_host', 'done', {}],
      ['get_host', 404, expect.stringMatching(/^Host '.*' under failover_segment '.*' could not be found\.$/)],
      ['delete_segment', 'done', {}],
      ['delete_segment', 'done', null],
      ['delete_segment', 404, expect.stringContaining('No failover segment with id')],
    ]);
  });
});
