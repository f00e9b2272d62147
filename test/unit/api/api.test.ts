import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveApi, type Api, type ApiPlace } from '../../../src/api/listen.ts';
import { systemClock } from '../../../src/edge/clock.ts';
import type { GateAnswer } from '../../../src/engine/gate.ts';
import { askEngines } from '../../../src/gate/ask-engines.ts';
import { eventually } from '../../support/eventually.ts';
import { recordingLogger } from '../../support/recording-logger.ts';

const CLOSED: GateAnswer = { gate: 'closed', reason: 'cmp1 is being recovered', sinceMs: 1_795_328_297_000 };

interface Stage {
  readonly url: string;
  readonly port: number;
  readonly api: Api;
  readonly asked: string[];
  readonly lines: readonly string[];
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function stage(answer: () => Promise<GateAnswer> = () => Promise.resolve(CLOSED), place: Partial<ApiPlace> = {}) {
  const port = place.port ?? (await freePort());
  const logger = recordingLogger();
  const asked: string[] = [];
  const api = serveApi({
    places: [{ address: '127.0.0.1', port, tls: undefined, ...place }],
    handlers: {
      gate: (host, purpose) => {
        asked.push(`${host} ${purpose}`);
        return answer();
      },
    },
    clock: systemClock,
    logger,
    retryMs: 20,
  });
  onTestFinished(() => api.close());
  const stands: Stage = { url: `http://127.0.0.1:${port}`, port, api, asked, lines: logger.lines };
  return stands;
}

async function listening(answer?: () => Promise<GateAnswer>, place?: Partial<ApiPlace>): Promise<Stage> {
  const stands = await stage(answer, place);
  await eventually('it listens', () => stands.lines.some((line) => line.includes('the API listens')));
  return stands;
}

/** The bytes that come back for these bytes, until the other side hangs up. */
function raw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.on('close', () => {
      resolve(text);
    });
    socket.on('error', reject);
  });
}

describe('the API', () => {
  it('answers for one host, without a token', async () => {
    const { url, asked } = await listening();
    const response = await fetch(`${url}/lifeboat/v1/hosts/cmp1.example.com/gate`);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({
      host: 'cmp1.example.com',
      for: 'nova-compute',
      gate: 'closed',
      reason: 'cmp1 is being recovered',
      since: '2026-11-22T06:18:17.000Z',
    });
    await fetch(`${url}/lifeboat/v1/hosts/cmp2/gate?for=guests`);
    expect(asked).toEqual(['cmp1.example.com nova-compute', 'cmp2 guests']);
  });

  it.each([
    ['GET', '/', 404],
    ['GET', '/lifeboat/v1/hosts/cmp1', 404],
    ['GET', '/lifeboat/v1/hosts/cmp1/gate/../../../../etc/passwd', 404],
    ['POST', '/lifeboat/v1/hosts/cmp1/gate', 404],
    ['DELETE', '/lifeboat/v1/hosts/cmp1/gate', 404],
    ['GET', '/lifeboat/v1/hosts/%2e%2e%2fetc/gate', 400],
    ['GET', '/lifeboat/v1/hosts/cmp1%00/gate', 400],
    ['GET', '/lifeboat/v1/hosts/cmp1%0aforged/gate', 400],
    ['GET', '/lifeboat/v1/hosts/%zz/gate', 400],
    ['GET', '/lifeboat/v1/hosts/cmp1/gate?for=everybody', 400],
    ['GET', '/lifeboat/v1/hosts/cmp1/gate?for=guests&for=guests', 400],
    ['GET', '/lifeboat/v1/hosts/__proto__/gate', 400],
  ])('answers %s %s with %i as JSON, and asks nobody', async (method, path, status) => {
    const { port, asked } = await listening();
    const answer = await raw(port, `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as { error: { code: number } };
    expect(body.error.code).toBe(status);
    expect(answer).not.toContain('forged');
    expect(asked).toEqual([]);
  });

  it.each([256, 4_000])('refuses a name of %i characters', async (length) => {
    const { url, asked } = await listening();
    expect((await fetch(`${url}/lifeboat/v1/hosts/${'a'.repeat(length)}/gate`)).status).toBe(400);
    expect(asked).toEqual([]);
  });

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
    ['headers without an end', `GET / HTTP/1.1\r\nX: ${'a'.repeat(20_000)}`],
    ['a body that is too long', `POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\nConnection: close\r\n\r\n`],
  ])('refuses %s, and serves the next caller', async (_case, bytes) => {
    const { port, url } = await listening();
    expect(await raw(port, bytes)).toMatch(/^HTTP\/1.1 4\d\d [^]*"error"/);
    expect((await fetch(`${url}/lifeboat/v1/hosts/cmp1/gate`)).status).toBe(200);
  });

  it('says nothing of a defect but that there is one', async () => {
    const { url, lines } = await listening(() => Promise.reject(new Error('SELECT secret FROM x')));
    const response = await fetch(`${url}/lifeboat/v1/hosts/cmp1/gate`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('SELECT');
    expect(lines).toContain('error: the API could not answer');
  });
});

describe('an address that cannot be listened on', () => {
  it('is shown with its reason, and had as soon as it is free', async () => {
    const other = createHttp();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { api, lines, url } = await stage(undefined, { port });
    await eventually('it is shown', () => api.states[0]?.failure?.includes('EADDRINUSE'));
    await new Promise((resolve) => other.close(resolve));
    await eventually('it listens', () => api.states[0]?.failure === undefined);
    expect((await fetch(`${url}/lifeboat/v1/hosts/cmp1/gate`)).status).toBe(200);
    expect(lines.filter((line) => line.startsWith('error:'))).toHaveLength(1);
  });

  it('hangs up on a caller that sends request after request without waiting for an answer', async () => {
    const { asked, port, url } = await listening(() => new Promise(() => undefined));
    const one = 'GET /lifeboat/v1/hosts/cmp1/gate HTTP/1.1\r\nHost: x\r\n\r\n';
    await raw(port, one.repeat(20_000)).catch(() => undefined);
    expect(asked.length).toBeLessThanOrEqual(8);
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
  });

  it('says of headers that are too large that they are', async () => {
    const { port } = await listening();
    const text = await raw(port, `GET / HTTP/1.1\r\nHost: x\r\nX-Auth-Token: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(text).toContain('HTTP/1.1 431 Request Header Fields Too Large');
    expect(text).toContain('larger than 16384 bytes');
  });

  it('answers one request after the other on one connection', async () => {
    const { asked, port } = await listening();
    const one = 'GET /lifeboat/v1/hosts/cmp1/gate HTTP/1.1\r\nHost: x\r\n';
    const text = await raw(port, `${`${one}\r\n`.repeat(3)}${one}Connection: close\r\n\r\n`);
    expect(text.match(/HTTP\/1.1 200/g)).toHaveLength(4);
    expect(asked).toHaveLength(4);
  });

  it('stops being tried when the daemon stops', async () => {
    const { api } = await stage(undefined, { address: '203.0.113.1' });
    await eventually('it is shown', () => api.states[0]?.failure !== undefined);
    await api.close();
  });
});

describe('the API over TLS', () => {
  const directory = mkdtempSync(join(tmpdir(), 'lifeboat-api-'));
  const certFile = join(directory, 'cert');
  const keyFile = join(directory, 'key');

  it('is trusted by a gate that knows its authority, and by no other', async () => {
    onTestFinished(() => {
      rmSync(directory, { recursive: true });
    });
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...newKey, ...subject, '-keyout', keyFile, '-out', certFile], {
      stdio: 'ignore',
    });
    const { port } = await listening(undefined, { tls: { certFile, keyFile } });
    const engines = [`https://127.0.0.1:${port}`];
    const ask = (ca: string | undefined) =>
      askEngines({ engines, requestTimeoutMs: 5_000, ca }, systemClock, 'cmp1', 'nova-compute');
    expect(await ask(readFileSync(certFile, 'utf8'))).toMatchObject({ kind: 'answered', answer: CLOSED });
    expect(await ask(undefined)).toMatchObject({ kind: 'silent' });
  });
});
