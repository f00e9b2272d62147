import { request as send } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';

export interface UpstreamAnswer {
  readonly status: number;
  /** Without those of the connection. */
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
  /** Whether the server said that it closes the connection after this answer. */
  readonly closes: boolean;
}

export interface Forwarded {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const OF_THE_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding', 'content-length'];

/** On a connection of its own. The client's Host goes along, so links in the answer name the proxy. */
export function forward(
  origin: string,
  request: Forwarded,
  changes: { readonly headers: Readonly<Record<string, string | undefined>> },
): Promise<UpstreamAnswer | undefined> {
  const headers: OutgoingHttpHeaders = { ...withoutConnection(request.headers), ...changes.headers };
  for (const [name, value] of Object.entries(headers)) if (value === undefined) Reflect.deleteProperty(headers, name);
  if (request.body.length > 0) headers['content-length'] = request.body.length;
  return new Promise((resolve) => {
    // A cloud that cannot be reached is for the client a connection that is cut.
    const lost = (): void => resolve(undefined);
    const outgoing = send(origin + request.path, { method: request.method, headers, agent: false }, (answer) => {
      readAll(answer).then(
        (body) =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: withoutConnection(answer.headers),
            body,
            closes: answer.headers.connection === 'close',
          }),
        lost,
      );
    });
    outgoing.once('error', lost);
    outgoing.end(request.body);
  });
}

function withoutConnection(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_THE_CONNECTION.includes(name)));
}

export async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
