import axios from 'axios';
import type { AxiosInstance } from 'axios';
import { LifeboatError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import { createAgents } from './agents.ts';
import type { TlsTrust } from './credentials.ts';
import { transportError } from './failure.ts';
import type { Reply } from './failure.ts';
import type { Timings } from './timings.ts';
import { askingTransport } from './asking-transport.ts';
import { abortReason } from './unless-aborted.ts';

export interface HttpCall {
  /** The call in words, for messages: what is asked, of what. */
  readonly what: string;
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly signal?: AbortSignal | undefined;
  /**
   * `kept`: one that died of age between two requests is replaced and the request sent again, so only for what is safe
   * to repeat. `fresh`: a new one, and the request leaves once.
   */
  readonly connection: 'kept' | 'fresh';
  /**
   * Asked at the start, and once more when the connection stands, for a process may be frozen while it connects. What it
   * throws is thrown, and then the request has not left.
   */
  readonly beforeItLeaves?: () => void;
}

export interface Http {
  /**
   * Sends the call and reads its answer, whatever its status. Throws CLOUD_UNREACHABLE, CLOUD_TIMED_OUT or CLOUD_TLS
   * when there is none, and the signal's reason when the caller gave up.
   */
  send(call: HttpCall): Promise<Reply>;
  close(): void;
}

/** 4 KB for each of 10,000 instances, and room: an answer beyond it is not Nova's. */
const LARGEST_BODY = 128 * 1024 * 1024;

export function createHttp(tls: TlsTrust, timings: Pick<Timings, 'connectMs' | 'requestMs'>, clock: Clock): Http {
  const agents = createAgents(tls, timings.connectMs, clock);
  const client = axios.create({
    // A redirect would carry the token to wherever it points; an answer 3xx is refused instead.
    maxRedirects: 0,
    // The environment is read at the edges only, and a token must not travel through whatever HTTP_PROXY names.
    proxy: false,
    responseType: 'text',
    transformResponse: [(text: unknown): unknown => text],
    validateStatus: () => true,
    maxContentLength: LARGEST_BODY,
  });
  return {
    async send(call) {
      try {
        return await exchange(client, agents[call.connection], timings.requestMs, clock, call);
      } catch (error) {
        if (!(error instanceof StaleConnection)) throw error;
        return exchange(client, agents.fresh, timings.requestMs, clock, call);
      }
    },
    close: () => {
      agents.close();
    },
  };
}

/**
 * Seen: uwsgi --http-socket closes the connection after each answer and says nothing, so the next request on it dies
 * without a byte of an answer.
 */
class StaleConnection extends Error {}

async function exchange(
  client: AxiosInstance,
  agents: { readonly http: unknown; readonly https: unknown },
  requestMs: number,
  clock: Clock,
  call: HttpCall,
): Promise<Reply> {
  call.signal?.throwIfAborted();
  call.beforeItLeaves?.();
  let refusal: { readonly reason: unknown } | undefined;
  const abort = new AbortController();
  const giveUp = (): void => {
    abort.abort();
  };
  const cancelTimer = clock.schedule(requestMs, giveUp);
  call.signal?.addEventListener('abort', giveUp, { once: true });
  try {
    const response = await client.request<string>({
      method: call.method,
      url: call.url,
      headers: { accept: 'application/json', 'user-agent': 'lifeboat', ...call.headers },
      data: call.body,
      httpAgent: agents.http,
      httpsAgent: agents.https,
      signal: abort.signal,
      ...(call.beforeItLeaves && {
        transport: askingTransport(call.url, call.beforeItLeaves, (why) => (refusal = why)),
      }),
    });
    return readReply(response.status, response.headers, response.data);
  } catch (error) {
    // What axios throws carries the request's headers, and with them the token: nothing of it may leave here.
    if (refusal !== undefined) throw refusal.reason;
    if (call.signal?.aborted === true) throw abortReason(call.signal);
    if (abort.signal.aborted) {
      throw new LifeboatError('CLOUD_TIMED_OUT', `${call.what}: no answer within ${requestMs} ms`);
    }
    const seen = describe(error);
    if (call.connection === 'kept' && seen.diedUnanswered) throw new StaleConnection();
    if (seen.unreadable) {
      throw new LifeboatError('CLOUD_GARBAGE', `${call.what}: the answer is too large or breaks HTTP (${seen.code})`);
    }
    throw transportError(call.what, seen.code);
  } finally {
    cancelTimer();
    call.signal?.removeEventListener('abort', giveUp);
  }
}

interface Breakdown {
  readonly code: string;
  /** On a connection that was used before, and without a byte of an answer. */
  readonly diedUnanswered: boolean;
  /** What came is not HTTP, or longer than anything that Nova sends. */
  readonly unreadable: boolean;
}

/** axios gives ERR_BAD_RESPONSE to an answer that is too long and to one that was cut off alike. */
function describe(error: unknown): Breakdown {
  if (!axios.isAxiosError(error)) return { code: 'unknown', diedUnanswered: false, unreadable: false };
  const request = error.request as { readonly reusedSocket?: boolean } | undefined;
  const code = error.code ?? 'unknown';
  const silent = error.response === undefined && ['ECONNRESET', 'EPIPE'].includes(code);
  return {
    code,
    diedUnanswered: silent && request?.reusedSocket === true,
    unreadable: code.startsWith('HPE_') || error.message.startsWith('maxContentLength'),
  };
}

function readReply(status: number, rawHeaders: object, text: string): Reply {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(rawHeaders)) headers[name.toLowerCase()] = String(value);
  if (text === '') return { status, headers, body: undefined, form: 'empty' };
  try {
    return { status, headers, body: JSON.parse(text) as unknown, form: 'json' };
  } catch {
    return { status, headers, body: undefined, form: 'unreadable' };
  }
}
