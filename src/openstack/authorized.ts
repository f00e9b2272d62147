import { LifeboatError } from '../errors.ts';
import { refusalError } from './failure.ts';
import type { Reply } from './failure.ts';
import type { Http, HttpCall } from './http.ts';
import type { Keystone } from './keystone.ts';
import { repeat } from './repeat.ts';
import type { Patience } from './repeat.ts';

export interface ServiceCall {
  readonly what: string;
  readonly method: HttpCall['method'];
  /** Relative to the endpoint, with its query. */
  readonly path: string;
  readonly body?: object;
  readonly signal?: AbortSignal | undefined;
  /** `once`: never sent again after it may have been executed. */
  readonly repeats: 'safely' | 'once';
}

export interface Authorized {
  readonly reply: Reply;
  /** The one it was asked with, so that it can be kept out of messages. */
  readonly token: string;
}

export interface AuthorizedPorts {
  readonly http: Http;
  readonly keystone: Keystone;
  readonly patience: Patience;
  /** Asked just before each request leaves that is no GET. */
  readonly beforeChange?: (() => void) | undefined;
}

/** Sends the call with a token. What a service refuses with 401 was not executed, and goes again with a new one. */
export async function sendAuthorized(
  { http, keystone, patience, beforeChange }: AuthorizedPorts,
  call: ServiceCall,
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<Authorized> {
  const attempt = async (token: string): Promise<Reply> => {
    const send = (): Promise<Reply> =>
      http.send({
        what: call.what,
        method: call.method,
        url,
        headers: { 'x-auth-token': token, ...headers },
        ...(call.body && { body: call.body }),
        signal: call.signal,
        connection: call.repeats === 'once' ? 'fresh' : 'kept',
        ...(call.method !== 'GET' && beforeChange !== undefined ? { beforeItLeaves: beforeChange } : {}),
      });
    return call.repeats === 'once' ? send() : repeat(patience, call.what, call.signal, send);
  };
  const token = await keystone.token(call.signal);
  const reply = await attempt(token.value);
  if (reply.status !== 401) return { reply, token: token.value };
  // The token check stands in front of the service: what it refused was not executed, so even an evacuate may go again.
  const renewed = await keystone.renew(token, call.signal);
  return { reply: await attempt(renewed.value), token: renewed.value };
}

/** The answer, whose status is 2xx and whose body is JSON or empty; anything else throws a CLOUD_ error. */
export function accepted(what: string, { reply, token }: Authorized): Reply {
  if (reply.status < 200 || reply.status > 299) throw refusalError(what, reply, [token]);
  if (reply.form !== 'unreadable') return reply;
  throw new LifeboatError('CLOUD_GARBAGE', `${what}: ${reply.status} with a body that is no JSON`);
}
