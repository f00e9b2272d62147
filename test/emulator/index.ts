/**
 * A cloud for tests: Keystone v3 and Nova as far as Lifeboat uses them, in one process, with the bad manners of the
 * real ones. The recordings in test/samples/openstack are what it is held to.
 */
import type { Server } from 'node:net';
import { systemClock } from '../../src/edge/clock.ts';
import { systemRandomness } from '../../src/edge/randomness.ts';
import type { Clock } from '../../src/ports.ts';
import { serveControl } from './control.ts';
import { createFaultBook } from '../../src/simulation/cloud/faults.ts';
import { DEFAULT_OPTIONS } from '../../src/simulation/cloud/options.ts';
import type { EmulatorOptions } from '../../src/simulation/cloud/options.ts';
import { listen } from './server.ts';
import type { TrafficLog } from './server.ts';
import { createVerbs } from './verbs.ts';
import type { EmulatorVerbs } from './verbs.ts';
import { createWorld } from '../../src/simulation/cloud/world.ts';

export { connectEmulator } from './control.ts';
export type { EmulatorControl } from './control.ts';
export type { FateEffect, FaultSpec, RequestEffect, RouteName } from '../../src/simulation/cloud/faults.ts';
export { DEFAULT_OPTIONS } from '../../src/simulation/cloud/options.ts';
export type { EmulatorOptions, HostSpec, InstanceSpec } from '../../src/simulation/cloud/options.ts';
export type { RequestRecord } from './server.ts';
export type {
  DoubleRun,
  EmulatedHost,
  EmulatedInstance,
  EmulatedMigration,
  EmulatorState,
} from '../../src/simulation/cloud/truth.ts';
export type { EmulatorVerbs } from './verbs.ts';
export type { EvacuateCall } from '../../src/simulation/cloud/world.ts';

export interface EmulatorStart {
  /** 127.0.0.1 when left out. */
  readonly host?: string;
  /** A free one when left out. */
  readonly port?: number;
  readonly clock?: Clock;
  readonly options?: Partial<EmulatorOptions>;
  /** Serve the verbs on this unix socket as well. */
  readonly controlPath?: string;
}

export interface Emulator extends EmulatorVerbs {
  readonly authUrl: string;
  readonly novaUrl: string;
  readonly port: number;
  /** The variables with which an OpenStack client finds this cloud. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function startEmulator(start: EmulatorStart = {}): Promise<Emulator> {
  const options = { ...DEFAULT_OPTIONS, ...start.options };
  const world = createWorld(start.clock ?? systemClock, systemRandomness, options, createFaultBook());
  const log: TrafficLog = { requests: [], connections: 0 };
  const verbs = createVerbs(world, log);
  const listening = await listen(world, log, { host: start.host ?? '127.0.0.1', port: start.port ?? 0 });
  const control = start.controlPath === undefined ? undefined : await serveControl(start.controlPath, verbs);
  return {
    ...verbs,
    authUrl: listening.urls.keystone,
    novaUrl: listening.urls.nova,
    port: listening.port,
    environment: {
      OS_AUTH_URL: listening.urls.keystone,
      OS_USERNAME: 'admin',
      OS_PASSWORD: options.password,
      OS_PROJECT_NAME: options.project,
      OS_USER_DOMAIN_ID: 'default',
      OS_PROJECT_DOMAIN_ID: 'default',
      OS_REGION_NAME: options.region,
    },
    async close() {
      listening.server.closeAllConnections();
      await Promise.all([closed(listening.server), control === undefined ? undefined : closed(control)]);
    },
  };
}

/** A control connection that a test forgot must not keep `close` waiting, so only the listening socket is awaited. */
async function closed(server: Server): Promise<void> {
  server.close();
  server.unref();
  await Promise.resolve();
}
