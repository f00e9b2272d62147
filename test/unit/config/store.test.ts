import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databasePassword, readAuthorities } from '../../../src/config/database-secrets.ts';
import { configFromText } from '../../../src/config/load.ts';

const store = (text: string) => configFromText(`store:\n${text}`, 'l.yaml').store;

describe('the section store', () => {
  it('is the embedded one by default, with a lease of 15 s and 30 days of history', () => {
    expect(configFromText('', 'l.yaml').store).toEqual({
      database: undefined,
      leaseDurationMs: 15_000,
      retentionMs: 30 * 86_400_000,
    });
  });

  it('names the servers of a database, tried in turn', () => {
    expect(store('  kind: mariadb\n  hosts: [ctl1, 10.0.0.12, "fd00::3"]\n  retention: 90d\n')).toEqual({
      database: {
        hosts: ['ctl1', '10.0.0.12', 'fd00::3'],
        port: 3306,
        name: 'lifeboat',
        user: 'lifeboat',
        passwordFile: undefined,
        tls: 'off',
        caFile: undefined,
      },
      leaseDurationMs: 15_000,
      retentionMs: 90 * 86_400_000,
    });
  });

  it('is TLS with a checked certificate as soon as it names authorities', () => {
    const text = '  kind: mariadb\n  hosts: [ctl1]\n  tls_ca_file: /etc/ssl/ca.pem\n';
    expect(store(text).database).toMatchObject({ tls: 'verified', caFile: '/etc/ssl/ca.pem' });
    expect(store(`${text}  tls: unverified\n`).database?.tls).toBe('unverified');
  });

  it.each([
    ['  kind: mariadb\n', /store\.hosts.*at least one server/],
    ['  kind: mariadb\n  hosts: []\n', /at least one server/],
    ['  kind: mariadb\n  hosts: ["a b"]\n', /store\.hosts/],
    ['  kind: mariadb\n  hosts: [a]\n  database: "a`; DROP"\n', /store\.database/],
    ['  kind: mysql\n', /embedded or mariadb/],
    ['  password: hunter2\n', /store/],
    ['  lease_duration: 1s\n', /store\.lease_duration/],
    ['  retention: 1h\n', /store\.retention/],
  ])('refuses %j', (text, message) => {
    expect(() => store(text)).toThrow(message);
  });
});

describe('the password of the database', () => {
  let directory = '';
  let file = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lifeboat-password-'));
    file = join(directory, 'password');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('comes from the file, without the end of its line, and from the environment only when there is no file', () => {
    writeFileSync(file, 'hunter2 \n', { mode: 0o640 });
    expect(databasePassword(file, { LIFEBOAT_DATABASE_PASSWORD: 'other' })).toBe('hunter2 ');
    expect(databasePassword(undefined, { LIFEBOAT_DATABASE_PASSWORD: 'other' })).toBe('other');
  });

  it('is refused with what to do, and never shown', () => {
    expect(() => databasePassword(undefined, {})).toThrow(/store\.password_file.*LIFEBOAT_DATABASE_PASSWORD/);
    expect(() => databasePassword(file, {})).toThrow(/cannot be read \(ENOENT\)/);
    expect(() => databasePassword(directory, {})).toThrow(/is no file/);
    writeFileSync(file, 'hunter2\n', { mode: 0o600 });
    chmodSync(file, 0o644);
    const refused = (): string => databasePassword(file, {});
    expect(refused).toThrow(/chmod o=/);
    expect(refused).not.toThrow(/hunter2/);
    writeFileSync(file, '\n');
    chmodSync(file, 0o600);
    expect(() => databasePassword(file, {})).toThrow(/is empty/);
    expect(() => readAuthorities(file.replace('password', 'ca.pem'))).toThrow(/tls_ca_file.*ENOENT/);
  });
});
