import { exchange } from '../../gate/exchange.ts';
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

/** `ca`: PEM; undefined: the authorities of Node.js. */
export function createPost(clock: Clock, requestMs: number, ca: string | undefined): Post {
  return async ({ body, headers, signal, url }) => {
    signal.throwIfAborted();
    const late = new AbortController();
    const cancel = clock.schedule(requestMs, () => {
      late.abort();
    });
    try {
      const {
        headers: given,
        status,
        text,
      } = await exchange({
        method: 'POST',
        url: new URL(url),
        headers: { 'content-type': 'application/json', 'user-agent': 'lifeboat-monitor', ...headers },
        text: JSON.stringify(body),
        ca,
        signal: AbortSignal.any([signal, late.signal]),
      });
      return { status, headers: given, body: parsed(text) };
    } catch (error) {
      signal.throwIfAborted();
      if (late.signal.aborted) throw new Error(`no answer within ${requestMs / 1_000} s`, { cause: error });
      throw error;
    } finally {
      cancel();
    }
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
