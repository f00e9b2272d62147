import { parseArgs } from 'node:util';
import { parseDuration } from '../../src/config/duration.ts';

export interface DevOptions {
  readonly port: number;
  readonly hosts: number;
  readonly instances: number;
  readonly auth: 'noauth' | 'keystone';
  /** Where the store is kept; undefined: in a folder that goes with the process. */
  readonly folder: string | undefined;
  /** The section of lifeboat.yaml, in one line; undefined: the embedded store. */
  readonly store: string | undefined;
  /** A real one, which is read only; undefined: an emulated one. */
  readonly cloud: { readonly name: string; readonly file: string | undefined } | undefined;
  /** Where the catalog of the emulated cloud says that the API is; undefined: where it is. */
  readonly catalogUrl: string | undefined;
  readonly kill: { readonly host: string; readonly afterMs: number } | undefined;
}

export const USAGE = `npm run dev -- [--port N] [--auth noauth|keystone] [--hosts N] [--instances N] [--folder DIR] [--store YAML] [--kill HOST [--after 10s]]
npm run dev -- --cloud NAME [--clouds-file FILE] [--port N] [--auth noauth|keystone] [--folder DIR] [--store YAML]

The daemon with its API, an emulated cloud, and a cluster that is not there. For trying clients; nothing needs root.

  --port N        where the API listens, on 127.0.0.1 (15868); the cloud takes a free port
  --auth keystone tokens of the emulated Keystone are asked for (noauth)
  --hosts N       compute-1 to compute-N (12)
  --instances N   on each host (2)
  --folder DIR    keeps the store there
  --store YAML    another one: '{ kind: mariadb, hosts: [127.0.0.1], database: lifeboat }'; LIFEBOAT_DATABASE_PASSWORD
  --kill HOST     this host dies after a while (--after 5s), is fenced, and comes back
  --catalog-url U where the catalog of the emulated cloud says that the API is, if a proxy stands before it
  --cloud NAME    a real cloud of clouds.yaml in place of the emulated one, with its tokens (--auth keystone) and its compute
                  hosts. It is only read: no host of it is killed, forced down or evacuated, whatever is reported
  --clouds-file F where NAME stands (./clouds.yaml, ~/.config/openstack/clouds.yaml, /etc/openstack/clouds.yaml)

Typed while it runs: kill HOST, memory, quit.
`;

/** Throws an Error that names the option. */
export function devOptions(argv: readonly string[]): DevOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      port: { type: 'string', default: '15868' },
      auth: { type: 'string' },
      hosts: { type: 'string' },
      instances: { type: 'string' },
      folder: { type: 'string' },
      store: { type: 'string' },
      'catalog-url': { type: 'string' },
      cloud: { type: 'string' },
      'clouds-file': { type: 'string' },
      kill: { type: 'string' },
      after: { type: 'string', default: '5s' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const { cloud, 'clouds-file': file } = values;
  if (cloud === undefined && file !== undefined) throw new Error('--clouds-file needs --cloud');
  const invented = (['hosts', 'instances', 'kill', 'catalog-url'] as const).find(
    (option) => values[option] !== undefined,
  );
  if (cloud !== undefined && invented !== undefined) {
    throw new Error(
      `--${invented} is for an emulated cloud: with --cloud all is as it is there, and no host is killed`,
    );
  }
  const { auth = cloud === undefined ? 'noauth' : 'keystone' } = values;
  if (auth !== 'noauth' && auth !== 'keystone') throw new Error('--auth takes noauth or keystone');
  return {
    port: whole('--port', values.port, 1, 65_535),
    hosts: whole('--hosts', values.hosts ?? '12', 1, 1_000),
    instances: whole('--instances', values.instances ?? '2', 0, 1_000),
    auth,
    folder: values.folder,
    store: values.store,
    catalogUrl: values['catalog-url'],
    cloud: cloud === undefined ? undefined : { name: cloud, file },
    kill: values.kill === undefined ? undefined : { host: values.kill, afterMs: time('--after', values.after) },
  };
}

function whole(option: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new Error(`${option} takes a whole number from ${least} to ${most}; got "${text}"`);
}

function time(option: string, text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs !== undefined && durationMs <= 86_400_000) return durationMs;
  throw new Error(`${option} takes a time as 10s or 2m, at most a day; got "${text}"`);
}
