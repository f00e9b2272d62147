import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/edge/clock.ts';
import type { TlsTrust } from '../../../src/openstack/credentials.ts';
import { createHttp } from '../../../src/openstack/http.ts';
import type { Reply } from '../../../src/openstack/failure.ts';

describe('TLS', () => {
  let folder: string;
  let server: Server;
  let pem: string;
  let received = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-tls-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const options = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    await promisify(execFile)('openssl', [...options, ...subject, '-keyout', key, '-out', cert]);
    pem = await readFile(cert, 'utf8');
    server = createServer({ key: await readFile(key), cert: pem }, (_, response) => {
      received += 1;
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  const ask = async (tls: TlsTrust, url: string, connection: 'kept' | 'fresh'): Promise<Reply> => {
    const http = createHttp(tls, { connectMs: 5_000, requestMs: 5_000 }, systemClock);
    try {
      return await http.send({ what: 'ask', method: 'GET', url, headers: {}, connection });
    } finally {
      http.close();
    }
  };
  const secure = (): string => `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  it.each(['kept', 'fresh'] as const)('of an unknown authority is refused on a %s connection', async (connection) => {
    await expect(ask({ kind: 'system' }, secure(), connection)).rejects.toMatchObject({ code: 'CLOUD_TLS' });
  });

  it('is accepted from the authority in the CA file', async () => {
    expect(await ask({ kind: 'ca-file', path: 'cert.pem', pem }, secure(), 'kept')).toMatchObject({ status: 200 });
    expect(await ask({ kind: 'ca-file', path: 'cert.pem', pem }, secure(), 'fresh')).toMatchObject({ status: 200 });
  });

  it('of another name than that of the certificate is refused', async () => {
    const url = secure().replace('127.0.0.1', 'localhost');
    const asked = ask({ kind: 'ca-file', path: 'cert.pem', pem }, url, 'kept');
    await expect(asked).rejects.toMatchObject({ code: 'CLOUD_TLS' });
  });

  it('is not verified when the operator said so', async () => {
    expect(await ask({ kind: 'unverified' }, secure(), 'kept')).toMatchObject({ status: 200 });
  });

  it.each(['kept', 'fresh'] as const)(
    'lets nothing of a request leave on a new %s connection when the right to it is lost meanwhile (S5)',
    async (connection) => {
      const http = createHttp({ kind: 'unverified' }, { connectMs: 5_000, requestMs: 5_000 }, systemClock);
      const send = (times: number): Promise<Reply> => {
        let asked = 0;
        const beforeItLeaves = (): void => {
          asked += 1;
          if (asked > times) throw new Error('not any more');
        };
        const body = { evacuate: {} };
        return http.send({ what: 'x', method: 'POST', url: secure(), headers: {}, body, connection, beforeItLeaves });
      };
      const before = received;
      await expect(send(1)).rejects.toThrow('not any more');
      expect(received).toBe(before);
      expect(await send(2)).toMatchObject({ status: 200 });
      expect(received).toBe(before + 1);
      http.close();
    },
  );
});
