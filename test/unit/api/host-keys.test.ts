import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HostKeys, withHostKeys } from '../../../src/api/auth/host-keys.ts';
import { Policy } from '../../../src/api/auth/policy.ts';
import { readHostKeysFile } from '../../../src/config/host-keys-file.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { virtualClock } from '../../support/virtual-clock.ts';
import { masakariStage } from './masakari-stage.ts';

const KEY = 'lbk_of-compute-1';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lifeboat-keys-'));
  path = join(folder, 'host-keys');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function line(host: string, key: string): string {
  return `${host} sha256:${createHash('sha256').update(key).digest('hex')}\n`;
}

function keysOf() {
  const clock = virtualClock();
  const logger = recordingLogger();
  return { clock, logger, keys: new HostKeys({ path, read: () => readHostKeysFile(path), clock, logger }) };
}

function report(hostname: string) {
  const payload = {
    event: 'LIFECYCLE',
    instance_uuid: '00000000-0000-4000-8000-000000000001',
    vir_domain_event: 'STOPPED_FAILED',
  };
  return { notification: { type: 'VM', hostname, generated_time: '2026-01-01T00:00:00', payload } };
}

/** The API, with a policy that would allow a monitor everything. */
async function stage() {
  writeFileSync(path, `# made by lifeboat-monitor make-key\n\n${line('compute-1', KEY)}`);
  const policy = new Policy({ admin_api: 'role:lifeboat_monitor' });
  const authenticate = withHostKeys(keysOf().keys, async () => ({ kind: 'refused' }));
  return masakariStage({ authenticate, policy: () => policy });
}

describe('the key of a host', () => {
  it('reports failures of that host, under the names of the reports', async () => {
    const { ask } = await stage();
    const id = '11111111-2222-8333-8444-555555555555';
    const headers = { 'x-auth-token': KEY, 'x-lifeboat-report': id };
    const answer = await ask('POST', '/v1/notifications', { body: report('compute-1'), headers });
    expect(answer).toMatchObject({ status: 202, body: { notification: { notification_uuid: id } } });
    expect((await ask('POST', '/v1/notifications', { body: report('compute-1'), headers })).status).toBe(202);
  });

  it('reports no other host, and does nothing else, whatever the policy allows', async () => {
    const { ask } = await stage();
    const headers = { 'x-auth-token': KEY };
    expect(await ask('POST', '/v1/notifications', { body: report('compute-2'), headers })).toMatchObject({
      status: 403,
      body: { forbidden: { message: expect.stringContaining('compute-1') as string } },
    });
    for (const place of ['/v1/notifications', '/v1/segments', '/v1/extensions'])
      expect((await ask('GET', place, { headers })).status, place).toBe(403);
    const body = { segment: { name: 'a', recovery_method: 'auto', service_type: 'COMPUTE' } };
    expect((await ask('POST', '/v1/segments', { body, headers })).status).toBe(403);
  });

  it('is refused when nobody has it', async () => {
    const { ask } = await stage();
    const headers = { 'x-auth-token': 'lbk_of-nobody' };
    expect((await ask('POST', '/v1/notifications', { body: report('compute-1'), headers })).status).toBe(401);
  });

  it('never goes to Keystone; every other token does', async () => {
    writeFileSync(path, line('compute-1', KEY));
    const asked: (string | undefined)[] = [];
    const authenticate = withHostKeys(keysOf().keys, async (token) => {
      asked.push(token);
      return { kind: 'refused' };
    });
    for (const token of [KEY, 'lbk_other', 'gAAAAA', undefined]) await authenticate(token);
    expect(asked).toEqual(['gAAAAA', undefined]);
  });
});

describe('the file of the keys', () => {
  it('is read again when it changes; a change that is wrong leaves the former keys in force, and is told once', async () => {
    writeFileSync(path, line('compute-1', KEY));
    const { clock, keys, logger } = keysOf();
    expect(keys.hostOf(KEY)).toBe('compute-1');
    writeFileSync(path, `${line('compute-1', 'lbk_new')}compute-2 ${KEY}\n`);
    for (let look = 0; look < 3; look += 1) {
      await clock.advance(6_000);
      expect(keys.hostOf(KEY)).toBe('compute-1');
    }
    const errors = logger.lines.filter((told) => told.startsWith('error:'));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain('line 2 is not HOST sha256:HEX');
    expect(errors[0]).not.toContain(KEY);
    writeFileSync(path, line('compute-1', 'lbk_new'));
    await clock.advance(6_000);
    expect([keys.hostOf(KEY), keys.hostOf('lbk_new')]).toEqual([undefined, 'compute-1']);
  });

  it('may name a host twice, while its key is changed, but no key for two hosts', () => {
    writeFileSync(path, line('compute-1', KEY) + line('compute-1', 'lbk_new'));
    expect(keysOf().keys.hostOf('lbk_new')).toBe('compute-1');
    writeFileSync(path, line('compute-1', KEY) + line('compute-2', KEY));
    expect(keysOf().keys.hostOf(KEY)).toBeUndefined();
  });

  it('lets nobody in when it is missing, or everybody may write it', () => {
    expect(keysOf().keys.hostOf(KEY)).toBeUndefined();
    writeFileSync(path, line('compute-1', KEY));
    chmodSync(path, 0o666);
    expect(keysOf().keys.hostOf(KEY)).toBeUndefined();
  });
});
