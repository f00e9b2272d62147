import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HOST_KEY_PREFIX, HostKeys } from '../../../src/api/auth/host-keys.ts';
import { readSecretFile } from '../../../src/config/secret-file.ts';
import { makeKey } from '../../../src/monitor/cli/make-key.ts';
import { keyCredential } from '../../../src/monitor/delivery/key-credential.ts';
import { keystoneCredential } from '../../../src/monitor/delivery/keystone-credential.ts';
import { openKeystone } from '../../../src/openstack/open-keystone.ts';
import { startEmulator } from '../../emulator/index.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const SIGNAL = new AbortController().signal;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lifeboat-key-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('make-key', () => {
  it('writes a key for its owner only, and answers the line by which the API knows it', () => {
    const path = join(folder, 'monitor.key');
    const line = makeKey(path, 'cmp1');
    const key = readSecretFile(path, 'api.key_file', 'key');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(key.startsWith(HOST_KEY_PREFIX)).toBe(true);
    expect(line).not.toContain(key);
    const keys = new HostKeys({
      ...{ path: 'x', clock: virtualClock(), logger: recordingLogger() },
      read: () => ({ stamp: '', text: line }),
    });
    expect(keys.hostOf(key)).toBe('cmp1');
  });

  it('never writes over a key', () => {
    const path = join(folder, 'monitor.key');
    makeKey(path, 'cmp1');
    const before = readFileSync(path, 'utf8');
    expect(() => makeKey(path, 'cmp1')).toThrow('is there already');
    expect(readFileSync(path, 'utf8')).toBe(before);
  });
});

describe('the credential of the monitor', () => {
  it('by key takes a new key when the old one is refused, and says so only when there is one', async () => {
    let key = 'old';
    const credential = keyCredential(() => key);
    expect(credential.refused('old')).toBe(false);
    key = 'new';
    expect(credential.refused('old')).toBe(true);
    expect(await credential.token(SIGNAL)).toBe('new');
  });

  it('by Keystone logs in once, and anew when its token is refused', async () => {
    const emulator = await startEmulator();
    const keystone = await openKeystone({
      source: { kind: 'environment', variables: emulator.environment },
      ...{ clock: virtualClock(), logger: recordingLogger(), randomness: { next: () => 0, uuid: () => '' } },
    });
    const credential = keystoneCredential(keystone);
    const first = await credential.token(SIGNAL);
    expect(await credential.token(SIGNAL)).toBe(first);
    expect(credential.refused(first)).toBe(true);
    const second = await credential.token(SIGNAL);
    expect(second).not.toBe(first);
    credential.refused(first);
    expect(await credential.token(SIGNAL), 'the refusal came late').toBe(second);
    keystone.close();
    await emulator.close();
  });
});
