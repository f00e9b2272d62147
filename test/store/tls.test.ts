import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseTls } from '../../src/engine/store/mariadb-options.ts';
import { newDatabase, openDatabase, startDatabase } from './mariadb.ts';
import type { DatabaseServer } from './server.ts';

describe('a MariaDB that is reached over TLS only', () => {
  let folder: string;
  let server: DatabaseServer;
  let ca: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lifeboat-database-tls-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const options = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'];
    execFileSync('openssl', [...options, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    ca = readFileSync(cert, 'utf8');
    server = await startDatabase([`ssl_cert = ${cert}`, `ssl_key = ${key}`, 'require_secure_transport = ON']);
  });
  afterAll(async () => {
    await server?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const lease = async (tls: DatabaseTls, host = '127.0.0.1'): Promise<string> => {
    const hosts = [{ host, port: server.port }];
    const store = await openDatabase(server, await newDatabase(server), { tls, hosts, patienceMs: 2_000 });
    try {
      return (await store.takeLease({ holder: 'ctl1 test', durationMs: 10_000 })).kind;
    } finally {
      await store.close();
    }
  };

  it('is used when its certificate is of the authority in the CA file', async () => {
    expect(await lease({ kind: 'verified', ca })).toBe('taken');
  });

  it('is used again, by the session that it gave before', async () => {
    expect(await lease({ kind: 'verified', ca })).toBe('taken');
  });

  it('is refused when its certificate is of an authority that nobody named', async () => {
    const answer = lease({ kind: 'verified', ca: undefined });
    await expect(answer).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
    await expect(answer).rejects.toThrow(/self-signed certificate/);
  });

  it('is refused when its certificate is of another name', async () => {
    const answer = lease({ kind: 'verified', ca }, 'localhost');
    await expect(answer).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
    await expect(answer).rejects.toThrow(/altnames: Host: localhost/);
  });

  it('is used unverified only when the configuration says so', async () => {
    expect(await lease({ kind: 'unverified' })).toBe('taken');
  });

  it('refuses who comes without TLS', async () => {
    const answer = lease({ kind: 'off' });
    await expect(answer).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
    await expect(answer).rejects.toThrow(/Access denied/);
  });
});
