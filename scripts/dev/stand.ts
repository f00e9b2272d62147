import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { configFromText } from '../../src/config/load.ts';
import { WAKE_FILE_NAME } from '../../src/config/paths.ts';
import { startDaemon } from '../../src/daemon/daemon.ts';
import { openStore } from '../../src/daemon/open-store.ts';
import { systemClock } from '../../src/edge/clock.ts';
import { hasEnded, processIdentity } from '../../src/edge/process-identity.ts';
import { processUse } from '../../src/edge/process-use.ts';
import { systemRandomness } from '../../src/edge/randomness.ts';
import { Lease } from '../../src/engine/lease.ts';
import { messageOf } from '../../src/errors.ts';
import { openCloud } from '../../src/openstack/open-cloud.ts';
import type { Logger } from '../../src/ports.ts';
import type { DevCloud } from './dev-cloud.ts';
import { devCluster, type DevCluster } from './dev-cluster.ts';
import { emulatedCloud } from './emulated-cloud.ts';
import type { DevOptions } from './options.ts';
import { realCloud } from './real-cloud.ts';

export interface Stand {
  /** Of the API. */
  readonly url: string;
  /** For an OpenStack client: of the emulated Keystone, which knows where the API is. Empty over a real cloud. */
  readonly environment: Readonly<Record<string, string>>;
  readonly authUrl: string;
  readonly hosts: readonly string[];
  readonly cluster: DevCluster;
  /** Why the host cannot be killed now; undefined when it can. */
  objection(host: string): string | undefined;
  /** The host dies, is fenced two seconds later, and comes back after a while. */
  kill(host: string): Promise<void>;
  stop(): Promise<void>;
}

const LOCAL_NODE = 'ctl1';
const FENCED_MS = 2_000;
const BOOT_MS = 20_000;
const LISTENS_WITHIN_MS = 10_000;

/** The real daemon over an emulated cloud, or one that is read only, and a cluster that is not there. What was begun is ended again when it fails. */
export async function startStand(options: DevOptions, logger: Logger): Promise<Stand> {
  const ends: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end();
  };
  try {
    return { ...(await raise(options, logger, ends)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What must be ended is put into `ends` as it is begun. */
async function raise(
  options: DevOptions,
  logger: Logger,
  ends: (() => Promise<void> | void)[],
): Promise<Omit<Stand, 'stop'>> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'lifeboat-dev-'));
  if (options.folder === undefined) ends.push(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const config = configFromText(configuration(options, folder), 'dev');
  // The daemon itself would go on trying for ever, and a client would talk to whoever listens there.
  await requireFree(options.port);
  const url = `http://127.0.0.1:${options.port}`;
  const devCloud = await cloudOf(options, url);
  ends.push(() => devCloud.close());
  const store = await openStore(config, {
    clock: systemClock,
    randomness: systemRandomness,
    environment: process.env,
    logger,
  });
  ends.push(() => store.close());
  const lease = new Lease({
    store,
    clock: systemClock,
    logger,
    holder: processIdentity(LOCAL_NODE),
    isGone: (holder) => hasEnded(holder, LOCAL_NODE),
    durationMs: config.store.leaseDurationMs,
  });
  const cloud = await openCloud({
    source: devCloud.source,
    clock: systemClock,
    randomness: systemRandomness,
    logger,
    beforeChange: () => {
      devCloud.beforeChange();
      lease.check();
    },
  });
  ends.push(() => {
    cloud.close();
  });
  const hosts = await devCloud.hosts(cloud);
  const cluster = devCluster(hosts, LOCAL_NODE);
  const wakeFilePath = join(folder, WAKE_FILE_NAME);
  const daemon = await startDaemon({
    ...{ config, cluster, cloud, store, lease, logger, wakeFilePath },
    inventory: cloud,
    clock: systemClock,
    randomness: systemRandomness,
    localNode: LOCAL_NODE,
    pid: process.pid,
    socketPath: join(folder, 'lifeboatd.sock'),
    tokens: { check: (token, signal) => cloud.checkToken(token, signal), authUrl: cloud.authUrl },
    meters: { cloudCalls: () => cloud.calls(), processUse },
  });
  ends.push(() => daemon.stop());
  await untilAnswered(`${url}/healthcheck`);
  const wake = (): void => {
    appendFileSync(wakeFilePath, 'dev\n');
  };
  const { power } = devCloud;
  const down = new Set<string>();
  return {
    url,
    environment: devCloud.environment,
    authUrl: cloud.authUrl,
    hosts,
    cluster,
    objection(host) {
      if (!hosts.includes(host))
        return `there is no host ${host}; there are ${hosts[0] ?? ''} to ${hosts.at(-1) ?? ''}`;
      if (power.kind === 'real') return power.refusal(host);
      return down.has(host) ? `${host} is down already` : undefined;
    },
    async kill(host) {
      if (power.kind === 'real') throw new Error(power.refusal(host));
      down.add(host);
      await power.kill(host);
      cluster.lose(host);
      wake();
      await pause(FENCED_MS);
      cluster.fenced(host);
      wake();
      await pause(BOOT_MS);
      cluster.returned(host);
      await power.restore(host);
      down.delete(host);
      wake();
    },
  };
}

function cloudOf({ catalogUrl = '', cloud, hosts, instances }: DevOptions, url: string): Promise<DevCloud> | DevCloud {
  return cloud === undefined ? emulatedCloud({ url: catalogUrl || url, hosts, instances }) : realCloud(cloud);
}

/** Throws an Error that names the port when something listens there. */
async function requireFree(port: number): Promise<void> {
  const probe = createServer();
  probe.listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch (error) {
    throw new Error(`port ${port} of 127.0.0.1 cannot be had; take another with --port: ${messageOf(error)}`, {
      cause: error,
    });
  }
  probe.close();
  await once(probe, 'close');
}

async function untilAnswered(url: string): Promise<void> {
  const deadline = performance.now() + LISTENS_WITHIN_MS;
  while ((await fetch(url).catch(() => undefined))?.status !== 200) {
    if (performance.now() > deadline) throw new Error(`the API does not answer at ${url}; the log above says why`);
    await pause(50);
  }
}

function configuration({ auth, port, store }: DevOptions, folder: string): string {
  return `api:
  listen: [127.0.0.1]
  port: ${port}
  auth: ${auth}
  token_cache: 2s
  rate_limit: 0
cluster:
  poll_interval: 1s
instance_failure:
  select: all
state_directory: ${folder}
${store === undefined ? '' : `store: ${store}\n`}runtime_directory: ${folder}
`;
}
