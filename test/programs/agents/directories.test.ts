import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lookAt, makeOwn } from '../../../resource-agents/daemon/directories.ts';

const isRoot = process.getuid?.() === 0;
const account = isRoot ? { uid: 65_534, gid: 65_534 } : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
/** Owned by root and, unless the tests run as root, by nobody else; in use by others. */
const SYSTEM = '/usr';
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lifeboat-directories-'));
  chmodSync(directory, 0o755);
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function ownerAndMode(path: string): readonly number[] {
  const { uid, mode } = statSync(path);
  return [uid, mode & 0o7777];
}

describe('the directories of the daemon', () => {
  it('are made when they are missing, for the account alone', () => {
    const path = join(directory, 'var/lib/lifeboat');
    expect(lookAt(path, account)).toBe('missing');
    makeOwn(path, account);
    expect(ownerAndMode(path)).toEqual([account.uid, 0o750]);
    expect(ownerAndMode(directory)).toEqual([process.getuid?.(), 0o755]);
    expect(lookAt(path, account)).toBe('own');
  });

  it('are its own when they belong to the account, whatever is in them', () => {
    const path = join(directory, 'state');
    mkdirSync(path);
    writeFileSync(join(path, 'lifeboat.db'), '');
    chownSync(path, account.uid, account.gid);
    expect(lookAt(path, account)).toBe('own');
  });

  it('are refused when they are in use by others and the account cannot write there', () => {
    const before = ownerAndMode(SYSTEM);
    expect(lookAt(SYSTEM, account)).toBe('refused');
    makeOwn(SYSTEM, account);
    expect(ownerAndMode(SYSTEM)).toEqual(before);
  });

  it('are refused when everybody may write there, and stay as they are', () => {
    const path = join(directory, 'tmp');
    mkdirSync(path);
    chmodSync(path, 0o1777);
    expect(lookAt(path, account)).toBe('refused');
    makeOwn(path, account);
    expect(ownerAndMode(path)).toEqual([process.getuid?.(), 0o1777]);
  });

  it('are refused when they are no directory', () => {
    writeFileSync(join(directory, 'file'), '');
    expect(lookAt(join(directory, 'file'), account)).toBe('refused');
    expect(lookAt(join(directory, 'file/below'), account)).toBe('refused');
  });

  // Only root can give a directory to somebody else.
  it.runIf(isRoot)('are taken over from root while they are empty, and used as they are when the account may', () => {
    const fresh = join(directory, 'fresh');
    mkdirSync(join(fresh, 'lost+found'), { recursive: true });
    expect(lookAt(fresh, account)).toBe('own');
    expect(lookAt(SYSTEM, { uid: 0, gid: 0 })).toBe('usable');
    const shared = join(directory, 'shared');
    mkdirSync(shared);
    writeFileSync(join(shared, 'of-another'), '');
    expect(lookAt(shared, account)).toBe('refused');
    chownSync(shared, 0, account.gid);
    chmodSync(shared, 0o770);
    expect(lookAt(shared, account)).toBe('usable');
    makeOwn(shared, account);
    expect(ownerAndMode(shared)).toEqual([0, 0o770]);
  });
});
