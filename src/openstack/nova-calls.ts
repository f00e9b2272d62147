import { accepted, sendAuthorized } from './authorized.ts';
import type { Authorized, ServiceCall } from './authorized.ts';
import type { Reply } from './failure.ts';
import type { Http } from './http.ts';
import type { Keystone } from './keystone.ts';
import { chooseMicroversion, versionedRoot } from './microversion.ts';
import type { Microversion } from './microversion.ts';
import type { Patience } from './repeat.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface NovaCall extends ServiceCall {
  /** The minor number of the newest microversion that the call may be made with. */
  readonly atMost?: number;
}

export interface NovaCalls {
  /** The answer, whose status is 2xx and whose body is JSON or empty; anything else throws a CLOUD_ error. */
  call(call: NovaCall): Promise<Reply>;
  /** Token, endpoint and microversion, from memory when they are known. */
  ready(signal?: AbortSignal): Promise<{ readonly endpoint: string; readonly microversion: Microversion }>;
  /** As whom the calls are made; undefined when Keystone does not say. */
  userId(signal?: AbortSignal): Promise<string | undefined>;
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

  const authorized = (call: ServiceCall, url: string, version?: Microversion): Promise<Authorized> =>
    sendAuthorized(
      { http, keystone, patience, beforeChange },
      call,
      url,
      version === undefined ? {} : { 'openstack-api-version': version.header },
    );

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
    userId: async (signal) => (await keystone.token(signal)).userId,
    async call(call) {
      const known = await ready(call.signal);
      const answer = await authorized(
        call,
        `${known.endpoint}${call.path}`,
        noNewerThan(known.microversion, call.atMost),
      );
      if (answer.reply.status !== 406) return accepted(call.what, answer);
      // Another Nova than the one we asked: an upgrade or a rollback is under way. A 406 executes nothing.
      versions.clear();
      const again = await ready(call.signal);
      const version = noNewerThan(again.microversion, call.atMost);
      return accepted(call.what, await authorized(call, `${again.endpoint}${call.path}`, version));
    },
  };
}

function noNewerThan(version: Microversion, minor: number | undefined): Microversion {
  return minor === undefined || version.minor <= minor ? version : { minor, header: `compute 2.${minor}` };
}
