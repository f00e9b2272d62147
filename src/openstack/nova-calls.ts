import { LifeboatError } from '../errors.ts';
import { refusalError } from './failure.ts';
import type { Reply } from './failure.ts';
import type { Http, HttpCall } from './http.ts';
import type { Keystone } from './keystone.ts';
import { chooseMicroversion, versionedRoot } from './microversion.ts';
import type { Microversion } from './microversion.ts';
import { repeat } from './repeat.ts';
import type { Patience } from './repeat.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface NovaCall {
  readonly what: string;
  readonly method: HttpCall['method'];
  /** Relative to the endpoint, with its query. */
  readonly path: string;
  readonly body?: object;
  readonly signal?: AbortSignal | undefined;
  /** `once`: never sent again after it may have been executed. */
  readonly repeats: 'safely' | 'once';
}

export interface NovaCalls {
  /** The answer, whose status is 2xx and whose body is JSON or empty; anything else throws a CLOUD_ error. */
  call(call: NovaCall): Promise<Reply>;
  /** Token, endpoint and microversion, from memory when they are known. */
  ready(signal?: AbortSignal): Promise<{ readonly endpoint: string; readonly microversion: Microversion }>;
}

/** `computev21` is what some installers of old called the same thing. */
const SERVICE_TYPES = ['compute', 'computev21'];

export interface NovaCallOptions {
  /** Of the newest microversion to speak; default: the newest that is known here. */
  readonly newestMinor?: number;
  readonly beforeChange?: () => void;
}

export function createNovaCalls(
  http: Http,
  keystone: Keystone,
  patience: Patience,
  { newestMinor, beforeChange }: NovaCallOptions = {},
): NovaCalls {
  const versions = new Map<string, Promise<Microversion>>();

  const authorized = async (call: NovaCall, url: string, version?: Microversion): Promise<Authorized> => {
    const attempt = async (token: string): Promise<Reply> => {
      const send = (): Promise<Reply> =>
        http.send({
          what: call.what,
          method: call.method,
          url,
          headers: { 'x-auth-token': token, ...(version && { 'openstack-api-version': version.header }) },
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
    // The token check stands in front of Nova: what it refused was not executed, so even an evacuate may go again.
    const renewed = await keystone.renew(token, call.signal);
    return { reply: await attempt(renewed.value), token: renewed.value };
  };

  const negotiate = async (root: string): Promise<Microversion> => {
    const what = `version document of ${root}`;
    const answer = await authorized({ what, method: 'GET', path: '/', repeats: 'safely' }, `${root}/`);
    return chooseMicroversion(accepted(what, answer).body, what, newestMinor);
  };

  const microversion = (root: string): Promise<Microversion> => {
    const known = versions.get(root);
    if (known !== undefined) return known;
    const asked = negotiate(root);
    versions.set(root, asked);
    asked.catch(() => versions.delete(root));
    return asked;
  };

  const ready = async (
    signal?: AbortSignal,
  ): Promise<{ readonly endpoint: string; readonly microversion: Microversion }> => {
    const catalogued = await keystone.endpoint(SERVICE_TYPES, signal);
    const root = versionedRoot(catalogued);
    const endpoint = catalogued.startsWith(root) ? catalogued : root;
    return { endpoint, microversion: await unlessAborted(microversion(root), signal) };
  };

  return {
    ready,
    async call(call) {
      const known = await ready(call.signal);
      const answer = await authorized(call, `${known.endpoint}${call.path}`, known.microversion);
      if (answer.reply.status !== 406) return accepted(call.what, answer);
      // Another Nova than the one we asked: an upgrade or a rollback is under way. A 406 executes nothing.
      versions.clear();
      const again = await ready(call.signal);
      return accepted(call.what, await authorized(call, `${again.endpoint}${call.path}`, again.microversion));
    },
  };
}

interface Authorized {
  readonly reply: Reply;
  /** The one it was asked with, so that it can be kept out of messages. */
  readonly token: string;
}

function accepted(what: string, { reply, token }: Authorized): Reply {
  if (reply.status < 200 || reply.status > 299) throw refusalError(what, reply, [token]);
  if (reply.form !== 'unreadable') return reply;
  throw new LifeboatError('CLOUD_GARBAGE', `${what}: ${reply.status} with a body that is no JSON`);
}
