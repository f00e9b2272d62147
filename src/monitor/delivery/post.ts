import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Clock } from '../../ports.ts';

export interface PostCall {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
  readonly signal: AbortSignal;
}

export interface PostReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Undefined when the answer is no JSON. */
  readonly body: unknown;
}

/** Rejects with an Error in a few words when there is no answer, and with the signal's reason. */
export type Post = (call: PostCall) => Promise<PostReply>;

/** More is not an answer of the API. Bytes. */
const LARGEST_ANSWER = 65_536;

/**
 * A POST on a connection of its own: reports are rare. No redirection is followed and no proxy is used, for what stands in
 * the headers is for the address that was named. `ca`: PEM; undefined: the authorities of Node.js.
 */
export function createPost(clock: Clock, requestMs: number, ca: string | undefined): Post {
  return async ({ body, headers, signal, url }) => {
    signal.throwIfAborted();
    const late = new AbortController();
    const cancel = clock.schedule(requestMs, () => {
      late.abort();
    });
    try {
      return await exchange(new URL(url), headers, JSON.stringify(body), ca, AbortSignal.any([signal, late.signal]));
    } catch (error) {
      signal.throwIfAborted();
      if (late.signal.aborted) throw new Error(`no answer within ${requestMs / 1_000} s`, { cause: error });
      throw error;
    } finally {
      cancel();
    }
  };
}

function exchange(
  url: URL,
  headers: Readonly<Record<string, string>>,
  text: string,
  ca: string | undefined,
  signal: AbortSignal,
): Promise<PostReply> {
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      agent: false,
      signal,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
        'user-agent': 'lifeboat-monitor',
        ...headers,
      },
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
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > LARGEST_ANSWER) request.destroy(new Error('the answer is too long'));
      });
      response.on('error', reject);
      response.on('end', () => {
        const { headers: given, statusCode = 0 } = response;
        const shown = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));
        resolve({ status: statusCode, headers: shown, body: parsed(Buffer.concat(chunks).toString('utf8')) });
      });
    });
    request.end(text);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
