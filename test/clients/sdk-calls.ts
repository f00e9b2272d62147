import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';

const SCRIPT = join(import.meta.dirname, 'every-sdk-call.py');
/** Debian's openstacksdk belongs to it; another Python may come first in PATH. */
const PYTHON = '/usr/bin/python3';

export type SdkLogin =
  | { readonly kind: 'no token'; readonly url: string }
  /** OS_* of a cloud, whose catalog says where the API is. */
  | { readonly kind: 'keystone'; readonly environment: Readonly<Record<string, string>> };

/** `what`: the answer when it was done, the details of the error when it was not. */
export type SdkOutcome = readonly [call: string, outcome: 'done' | number, what: unknown];

export async function everySdkCall(login: SdkLogin): Promise<readonly SdkOutcome[]> {
  const environment = login.kind === 'keystone' ? login.environment : {};
  const { stdout } = await promisify(execFile)(PYTHON, [SCRIPT, ...(login.kind === 'no token' ? [login.url] : [])], {
    timeout: 60_000,
    env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent', ...environment },
  });
  return JSON.parse(stdout) as readonly SdkOutcome[];
}

const payload = { event: 'STOPPED', process_name: 'libvirtd' };

export const EXPECTED_OF_EVERY_CALL: readonly unknown[] = [
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
];
