import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { configFromText } from '../../src/config/load.ts';
import { WAKE_FILE_NAME } from '../../src/config/paths.ts';
import { startDaemon } from '../../src/daemon/daemon.ts';
import { openStore } from '../../src/daemon/open-store.ts';
import { systemClock } from '../../src/edge/clock.ts';
import { hasEnded, processIdentity } from '../../src/edge/process-identity.ts';
import { systemRandomness } from '../../src/edge/randomness.ts';
import { Lease } from '../../src/engine/lease.ts';
import { openCloud } from '../../src/openstack/open-cloud.ts';
import type { Logger } from '../../src/ports.ts';
import { startEmulator } from '../../test/emulator/index.ts';
import { devCluster, type DevCluster } from './dev-cluster.ts';
import type { DevOptions } from './options.ts';

export interface Stand {
  /** Of the API. */
  readonly url: string;
  /** For an OpenStack client: of the emulated Keystone, which knows where the API is. */
  readonly environment: Readonly<Record<string, string>>;
  readonly hosts: readonly string[];
  readonly cluster: DevCluster;
  /** The host dies, is fenced two seconds later, and comes back after a while. */
  kill(host: string): Promise<void>;
  stop(): Promise<void>;
}

const LOCAL_NODE = 'ctl1';
const FENCED_MS = 2_000;
const BOOT_MS = 20_000;

/** The real daemon over an emulated cloud and a cluster that is not there. */
export async function startStand(options: DevOptions, logger: Logger): Promise<Stand> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'lifeboat-dev-'));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const url = `http://127.0.0.1:${options.port}`;
  const emulator = await startEmulator({ options: { instanceHaUrl: url, spawnMs: 1_500 } });
  const hosts = Array.from({ length: options.hosts }, (_, index) => `compute-${index + 1}`);
  for (const name of hosts) {
    await emulator.addHost({ name });
    if (options.instances > 0) await emulator.addInstances(name, options.instances, `${name}-vm`);
  }
  const cluster = devCluster(hosts, LOCAL_NODE);
  const config = configFromText(configuration(options, folder), 'dev');
  const store = await openStore(config, {
    clock: systemClock,
    randomness: systemRandomness,
    environment: process.env,
    logger,
  });
  const lease = new Lease({
    store,
    clock: systemClock,
    logger,
    holder: processIdentity(LOCAL_NODE),
    isGone: (holder) => hasEnded(holder, LOCAL_NODE),
    durationMs: config.store.leaseDurationMs,
  });
  const cloud = await openCloud({
    source: { kind: 'environment', variables: emulator.environment },
    clock: systemClock,
    randomness: systemRandomness,
    logger,
    beforeChange: () => {
      lease.check();
    },
  });
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
  });
  const wake = (): void => {
    appendFileSync(wakeFilePath, 'dev\n');
  };
  return {
    url,
    environment: emulator.environment,
    hosts,
    cluster,
    async kill(host) {
      await emulator.killHost(host);
      cluster.lose(host);
      wake();
      await pause(FENCED_MS);
      cluster.fenced(host);
      wake();
      await pause(BOOT_MS);
      cluster.returned(host);
      await emulator.returnHost(host);
      wake();
    },
    async stop() {
      await daemon.stop();
      cloud.close();
      await emulator.close();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configuration({ auth, port, store }: DevOptions, folder: string): string {
  return `api:
  listen: [127.0.0.1]
  port: ${port}
  auth: ${auth}
  rate_limit: 0
cluster:
  poll_interval: 1s
state_directory: ${folder}
${store === undefined ? '' : `store: ${store}\n`}runtime_directory: ${folder}
`;
}
