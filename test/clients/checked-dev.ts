import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { freePort } from '../store/server.ts';
import { problemsWith } from '../support/held-to-document.ts';
import { startDev, type DevProcess } from './dev-process.ts';

export interface CheckedDevOptions {
  /** Of the API as clients find it; undefined: any. */
  readonly port?: number;
  readonly args?: readonly string[];
}

/**
 * Dev mode behind a proxy that holds each answer against the document of the API. Its url, and that of the catalog, are
 * the proxy's. `stop` throws an Error that names what was answered otherwise, or that nothing was.
 */
export async function startCheckedDev({ args = [], port: wanted = 0 }: CheckedDevOptions = {}): Promise<DevProcess> {
  const problems: string[] = [];
  let answers = 0;
  let target = 0;
  const server = createServer((asked, answer) => {
    void forward(asked, answer, target).then((given) => {
      answers += 1;
      problems.push(...given.map((problem) => `${asked.method} ${asked.url}: ${problem}`));
    });
  });
  server.listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  target = await freePort();
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  const isReal = args.includes('--cloud');
  const dev = await startDev(target, [...args, ...(isReal ? [] : ['--catalog-url', url])]).catch(
    async (error: unknown) => {
      await close();
      throw error;
    },
  );
  return {
    ...dev,
    url,
    async stop() {
      await dev.stop();
      await close();
      if (problems.length > 0) throw new Error(`not as the document says:\n${[...new Set(problems)].join('\n')}`);
      if (answers === 0) throw new Error('nothing was asked');
    },
  };
}

/** Resolves with what is wrong with the answer, once it is through. */
function forward(asked: IncomingMessage, answer: ServerResponse, port: number): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const { headers, method = 'GET', url = '/' } = asked;
    const onward = request({ host: '127.0.0.1', port, method, path: url, headers }, (given) => {
      const { headers: back, statusCode: status = 0 } = given;
      const chunks: Buffer[] = [];
      answer.writeHead(status, back);
      given.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        answer.write(chunk);
      });
      given.on('end', () => {
        answer.end();
        const text = Buffer.concat(chunks).toString();
        resolve(problemsWith({ method, target: url, status, contentType: back['content-type'], text }));
      });
    });
    onward.on('error', (error) => {
      answer.destroy();
      resolve([error.message]);
    });
    asked.pipe(onward);
  });
}
