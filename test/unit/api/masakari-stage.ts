import { createApi } from '../../../src/api/app.ts';
import type { Authentication } from '../../../src/api/auth/authenticate.ts';
import type { Caller } from '../../../src/api/auth/caller.ts';
import { Policy } from '../../../src/api/auth/policy.ts';
import type { MountPorts } from '../../../src/api/masakari/mount.ts';
import { problemsWith } from '../../support/held-to-document.ts';
import { registryBench, type RegistryBench } from '../engine/registry/bench.ts';

export const ADMIN_PROJECT = '96e35855adc5430e996416fd17c3bf36';

export function callerOf(roles: readonly string[], projectId: string | undefined = ADMIN_PROJECT): Caller {
  return {
    userId: `user of ${roles.join(' ')}`,
    userName: roles[0],
    userDomainId: 'default',
    projectId,
    domainId: undefined,
    systemScope: undefined,
    roles,
  };
}

export interface MasakariStage extends RegistryBench {
  readonly masakari: MountPorts;
  readonly ask: (
    method: string,
    path: string,
    given?: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> },
  ) => Promise<{
    readonly status: number;
    readonly headers: Readonly<Record<string, unknown>>;
    readonly body: unknown;
    readonly text: string;
  }>;
}

/** Masakari's API over a registry in memory; each of its answers is held against the document. `admin`, `monitor` and `member` are tokens of users with these roles. */
export async function masakariStage(more: Partial<MountPorts> = {}): Promise<MasakariStage> {
  const bench = await registryBench();
  bench.computes = Array.from({ length: 12 }, (_, index) => `compute-${index + 1}`);
  const callers: Readonly<Record<string, Caller>> = {
    admin: callerOf(['admin']),
    monitor: callerOf(['lifeboat_monitor']),
    member: callerOf(['member']),
  };
  const policy = new Policy();
  const masakari: MountPorts = {
    registry: bench.registry,
    policy: () => policy,
    authenticate: async (token): Promise<Authentication> => {
      const caller = callers[token ?? ''];
      return caller === undefined ? { kind: 'refused' } : { kind: 'caller', caller };
    },
    keystoneUrl: 'http://127.0.0.1:5000',
    requestId: () => '21cd8c6c-8aa4-4f58-a092-64a5fee8340d',
    logger: bench.logger,
    maxLimit: 1_000,
    linkPrefix: undefined,
    corsOrigins: [],
    mayAsk: () => true,
    notReady: () => undefined,
    ...more,
  };
  const app = createApi({ gate: async () => ({ gate: 'open', reason: '' }), masakari }, bench.logger);
  return Object.assign(bench, {
    masakari,
    ask: async (method, path, { body, headers = {} } = {}) => {
      const answer = await app.inject({
        method: method as 'GET',
        url: path,
        headers: {
          'x-auth-token': 'admin',
          accept: 'application/json',
          host: '127.0.0.1:15868',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = answer.payload;
      const problems = problemsWith({
        ...{ method, target: path, status: answer.statusCode, text },
        contentType: answer.headers['content-type']?.toString(),
      });
      if (problems.length > 0) throw new Error(`${method} ${path}: ${problems.join('; ')}: ${text}`);
      const isJson = String(answer.headers['content-type']).includes('json');
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: isJson && text !== '' ? (JSON.parse(text) as unknown) : null,
        text,
      };
    },
  } satisfies Pick<MasakariStage, 'ask' | 'masakari'>);
}
