import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** With POST. */
  readonly text?: string;
  /** PEM; undefined: the authorities of Node.js. */
  readonly ca: string | undefined;
  readonly signal: AbortSignal;
}

export interface Exchanged {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

/** More is not an answer of an engine's API. Bytes. */
const LARGEST_ANSWER = 65_536;

/**
 * One request to an engine, on a connection of its own: they are rare. A redirection is not followed and no proxy is used: what
 * stands in the headers is for the controller that was named, and the answer must come from it. Rejects with an Error in a few
 * words when there is no answer.
 */
export function exchange({ ca, headers, method, signal, text, url }: Exchange): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    const length = text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) };
    const options = {
      method,
      signal,
      agent: false,
      headers: { accept: 'application/json', ...length, ...headers },
    } as const;
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, ca === undefined ? options : { ...options, ca })
        : httpRequest(url, options);
    request.on('error', (error: NodeJS.ErrnoException) => {
      reject(new Error(error.code ?? error.message, { cause: error }));
    });
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let received = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        received += chunk.length;
        if (received > LARGEST_ANSWER) request.destroy(new Error('the answer is too long'));
      });
      response.on('error', reject);
      response.on('end', () => {
        const { headers: given, statusCode = 0 } = response;
        const shown = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));
        resolve({ status: statusCode, headers: shown, text: Buffer.concat(chunks).toString('utf8') });
      });
    });
    request.end(text);
  });
}
