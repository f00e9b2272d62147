import { randomUUID } from 'node:crypto';
import { actOn, crashGuest, drainQueue } from '../../src/simulation/cloud/actions.ts';
import type { FaultSpec } from '../../src/simulation/cloud/faults.ts';
import {
  computeAnswers,
  beat,
  killHost,
  returnHost,
  serviceState,
  silenceHost,
} from '../../src/simulation/cloud/heartbeat.ts';
import type {
  AggregateSpec,
  EmulatorOptions,
  HostSpec,
  ImageSpec,
  InstanceSpec,
} from '../../src/simulation/cloud/options.ts';
import type { RequestRecord, TrafficLog } from './server.ts';
import { doubleRuns, runningPlaces, statusOf } from '../../src/simulation/cloud/truth.ts';
import type { DoubleRun, EmulatedInstance, EmulatorState } from '../../src/simulation/cloud/truth.ts';
import { addGuest, addHost, endRuns, requireHost } from '../../src/simulation/cloud/world.ts';
import type { EvacuateCall, World } from '../../src/simulation/cloud/world.ts';

/**
 * What a test does to the emulated cloud and asks of it. The same verbs in process and over the control socket, so all
 * of them answer with promises and plain values.
 */
export interface EmulatorVerbs {
  /** Answers the id of its nova-compute service. */
  addHost(spec: HostSpec): Promise<string>;
  /** Answers the id of the instance. */
  addInstance(spec: InstanceSpec): Promise<string>;
  /** `count` active instances on one host, named PREFIX-1 and on. */
  addInstances(host: string, count: number, prefix: string): Promise<readonly string[]>;
  removeInstance(id: string): Promise<void>;
  /** Answers the id of the group; instances are booted into it. */
  addServerGroup(policy: string): Promise<string>;
  /** Answers the id of the aggregate. */
  addAggregate(spec: AggregateSpec): Promise<string>;
  aggregates(): Promise<readonly { readonly id: string; readonly name: string; readonly hosts: readonly string[] }[]>;
  /** Answers the id of the image. */
  addImage(spec: ImageSpec): Promise<string>;
  fault(spec: FaultSpec): Promise<void>;
  clearFaults(): Promise<void>;
  beat(host: string, boot: string): Promise<'run' | 'wait'>;
  /** Its guest dies by itself, and Nova finds out some seconds later. */
  crashInstance(id: string): Promise<void>;
  /** A cold migration that an administrator asks for who is not the one that Lifeboat is logged in as. */
  migrateAsSomebody(id: string): Promise<void>;
  /** Cuts the power: no beats any more, and its guests are gone. */
  killHost(host: string): Promise<void>;
  /** Cuts the network: no beats any more, and its guests run on. */
  silenceHost(host: string): Promise<void>;
  /** Power on, nova-compute with a new boot id; `wait` when the gate keeps it out. */
  returnHost(host: string): Promise<'run' | 'wait'>;
  state(): Promise<EmulatorState>;
  evacuateCalls(): Promise<readonly EvacuateCall[]>;
  requests(): Promise<readonly RequestRecord[]>;
  /** How many connections were accepted so far. */
  connections(): Promise<number>;
  /** Every time one instance ran on two machines at once; empty is what every test wants. */
  doubleRuns(): Promise<readonly DoubleRun[]>;
  revokeTokens(): Promise<void>;
  setOptions(options: Partial<EmulatorOptions>): Promise<void>;
}

export const VERBS = [
  'addHost',
  'addInstance',
  'addInstances',
  'removeInstance',
  'addServerGroup',
  'addAggregate',
  'aggregates',
  'addImage',
  'fault',
  'clearFaults',
  'beat',
  'crashInstance',
  'migrateAsSomebody',
  'killHost',
  'silenceHost',
  'returnHost',
  'state',
  'evacuateCalls',
  'requests',
  'connections',
  'doubleRuns',
  'revokeTokens',
  'setOptions',
] as const satisfies readonly (keyof EmulatorVerbs)[];

export function createVerbs(world: World, log: TrafficLog): EmulatorVerbs {
  return {
    addHost: async (spec) => addHost(world, spec).serviceId,
    addInstance: async (spec) => addGuest(world, spec).id,
    addInstances: async (host, count, prefix) =>
      Array.from({ length: count }, (_, index) => addGuest(world, { host, name: `${prefix}-${index + 1}` }).id),
    removeInstance: async (id) => {
      world.guests.delete(id);
      // Nova deletes its migration records with it.
      world.migrations = world.migrations.filter((migration) => migration.instanceId !== id);
      endRuns(world, (run) => run.instanceId === id);
    },
    crashInstance: async (id) => {
      const guest = world.guests.get(id);
      if (guest === undefined) throw new Error(`unknown instance ${id}`);
      crashGuest(world, guest);
    },
    migrateAsSomebody: async (id) => {
      const guest = world.guests.get(id);
      if (guest === undefined) throw new Error(`unknown instance ${id}`);
      actOn(world, guest, { migrate: null }, 'somebody');
    },
    addServerGroup: async (policy) => {
      const id = randomUUID();
      world.groups.push({ id, name: `group-${world.groups.length + 1}`, policy, members: [] });
      return id;
    },
    addAggregate: async ({ name, hosts = [], zone, metadata = {} }) => {
      const id = world.aggregates.length + 1;
      world.aggregates.push({ id, uuid: randomUUID(), name, zone, hosts: [...hosts], metadata });
      return String(id);
    },
    aggregates: async () =>
      world.aggregates.map(({ id, name, hosts }) => ({ id: String(id), name, hosts: [...hosts] })),
    addImage: async ({ name = 'image', properties = {}, tags = [] }) => {
      const id = randomUUID();
      world.images.push({ id, name, properties, tags });
      return id;
    },
    fault: async (spec) => {
      world.faults.add(spec);
    },
    clearFaults: async () => {
      world.faults.clear();
    },
    beat: async (host, boot) => beat(world, host, boot),
    killHost: async (host) => {
      killHost(world, host);
    },
    silenceHost: async (host) => {
      silenceHost(world, host);
    },
    returnHost: async (name) => {
      const answer = returnHost(world, name);
      if (answer === 'run') drainQueue(world, requireHost(world, name));
      return answer;
    },
    state: async () => stateOf(world),
    evacuateCalls: async () => [...world.evacuateCalls],
    requests: async () => [...log.requests],
    connections: async () => log.connections,
    doubleRuns: async () => doubleRuns(world),
    revokeTokens: async () => {
      world.tokens.clear();
    },
    setOptions: async (options) => {
      world.options = { ...world.options, ...options };
    },
  };
}

function stateOf(world: World): EmulatorState {
  const places = runningPlaces(world);
  const instances = [...world.guests.values()].map((guest): EmulatedInstance => ({
    id: guest.id,
    name: guest.name,
    host: guest.host,
    status: statusOf(guest),
    vmState: guest.vmState,
    taskState: guest.taskState,
    runsOn: places.get(guest.id) ?? [],
  }));
  const hosts = [...world.hosts.values()].map((host) => ({
    name: host.name,
    serviceId: host.serviceId,
    status: host.status,
    state: serviceState(world, host),
    forcedDown: host.forcedDown,
    power: host.power,
    compute: computeAnswers(world, host) ? ('answers' as const) : ('silent' as const),
  }));
  const migrations = world.migrations.map(({ instanceId, sourceHost, targetHost, status }) => ({
    instanceId,
    sourceHost,
    targetHost,
    status,
  }));
  return { nowMs: world.clock.now(), hosts, instances, migrations };
}
