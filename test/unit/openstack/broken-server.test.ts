import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/edge/clock.ts';
import { createHttp } from '../../../src/openstack/http.ts';
import { thrown } from './stage.ts';

/** Asks a server that answers these bytes and hangs up. */
async function askServerThatSays(bytes: string): Promise<unknown> {
  const server = createServer((socket) => {
    socket.once('data', () => socket.end(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const http = createHttp({ kind: 'system' }, { connectMs: 5_000, requestMs: 5_000 }, systemClock);
  try {
    return await thrown(http.send({ what: 'ask', method: 'GET', url, headers: {}, connection: 'kept' }));
  } finally {
    http.close();
    server.close();
  }
}

describe('a server that breaks off', () => {
  it.each([
    ['in the middle of the body', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"servers"', 'CLOUD_UNREACHABLE'],
    ['in the middle of a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{', 'CLOUD_UNREACHABLE'],
    ['before its first byte', '', 'CLOUD_UNREACHABLE'],
    ['after words that are not HTTP', 'SSH-2.0-OpenSSH_9.2p1\r\n', 'CLOUD_GARBAGE'],
  ])('%s', async (_, bytes, code) => {
    expect(await askServerThatSays(bytes)).toMatchObject({ code, name: 'LifeboatError' });
  });
});

describe('a server that takes the connection and never finishes the handshake', () => {
  it('costs the time to connect, and not that of the whole request', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const http = createHttp({ kind: 'system' }, { connectMs: 50, requestMs: 600_000 }, systemClock);
    const error = await thrown(http.send({ what: 'ask', method: 'GET', url, headers: {}, connection: 'kept' }));
    expect(error).toMatchObject({ code: 'CLOUD_UNREACHABLE', message: 'ask: could not connect in time' });
    http.close();
    server.close();
  });
});
