import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { serveApi } from '../../../src/api/listen.ts';
import { eventually } from '../../support/eventually.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function newCertificate(folder: string, name: string): { readonly cert: Buffer; readonly key: Buffer } {
  const [certFile, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...newKey, '-subj', `/CN=${name}`, '-keyout', keyFile, '-out', certFile], {
    stdio: 'ignore',
  });
  return { cert: readFileSync(certFile), key: readFileSync(keyFile) };
}

/** A connection that stays, and the name in the certificate that it was shown. */
function connection(port: number): Promise<{ readonly socket: TLSSocket; readonly name: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve({ socket, name: String(socket.getPeerCertificate().subject.CN) });
    });
    socket.once('error', reject);
  });
}

function ask(socket: TLSSocket): Promise<string> {
  return new Promise((resolve) => {
    socket.once('data', (bytes: Buffer) => {
      resolve(bytes.toString('utf8').split('\r\n', 1)[0] ?? '');
    });
    socket.write('GET /lifeboat/v1/hosts/cmp1/gate HTTP/1.1\r\nHost: x\r\n\r\n');
  });
}

it('a renewed certificate is served to who connects from then on, connections go on, and a bad one changes nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-renewal-'));
  const [certFile, keyFile] = [join(folder, 'served.crt'), join(folder, 'served.key')];
  const serve = ({ cert, key }: { readonly cert: Buffer; readonly key: Buffer }): void => {
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key);
  };
  const [first, second] = [newCertificate(folder, 'first'), newCertificate(folder, 'second')];
  serve(first);
  const [clock, logger, port] = [virtualClock(), recordingLogger(), await freePort()];
  const api = serveApi({
    places: [{ address: '127.0.0.1', port, tls: { certFile, keyFile } }],
    handlers: { gate: async () => ({ gate: 'open', reason: '' }) },
    clock,
    logger,
  });
  onTestFinished(async () => {
    await api.close();
    rmSync(folder, { recursive: true });
  });
  await eventually('it listens', () => logger.lines.some((line) => line.includes('the API listens')));
  const early = await connection(port);
  expect(early.name).toBe('first');

  writeFileSync(certFile, second.cert);
  await clock.advance(90_000);
  expect((await connection(port)).name).toBe('first');
  expect(logger.lines.filter((line) => line.includes('cannot be served, the former one is'))).toHaveLength(1);

  serve(second);
  await clock.advance(30_000);
  expect((await connection(port)).name).toBe('second');
  expect(await ask(early.socket)).toBe('HTTP/1.1 200 OK');
});
