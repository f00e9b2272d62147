import type { Clock, Randomness } from '../../ports.ts';
import type { EmulatorOptions, HostSpec, InstanceSpec } from './options.ts';
import type { FaultBook } from './faults.ts';

/** One compute host: what Nova knows of it, and what is true of the machine. */
export interface Host {
  readonly name: string;
  readonly serviceId: string;
  /** Of its resource provider in Placement. */
  readonly providerId: string;
  readonly vcpus: number;
  readonly memoryMb: number;
  readonly zone: string;
  readonly capacity: number;
  readonly beats: 'emulator' | 'lab';
  readonly createdAtMs: number;
  status: 'enabled' | 'disabled';
  disabledReason: string | null;
  forcedDown: boolean;
  /** The last heartbeat that was counted; of a running emulated host see `lastBeatMs`. */
  lastSeenUpMs: number | undefined;
  lastPutMs: number | undefined;
  power: 'on' | 'off';
  /** `silent` is a host cut off the network: its guests run on. */
  compute: 'running' | 'silent' | 'stopped';
  computeStartedAtMs: number;
  /** The boot id of the nova-compute that was let in last. */
  boot: string | undefined;
  /** Of a lab's host: the id of the power-on that it said last. */
  machine: string | undefined;
  /** Of a lab's host: the last proof that this boot is alive, counted or not. */
  lastSignOfLifeMs: number | undefined;
  spawning: number;
  readonly spawnQueue: (() => void)[];
}

export interface Guest {
  readonly id: string;
  readonly name: string;
  readonly number: number;
  readonly projectId: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  locked: boolean;
  readonly extraSpecs: Readonly<Record<string, string>>;
  readonly vcpus: number;
  readonly memoryMb: number;
  readonly imageId: string;
  readonly spawnMs: number | undefined;
  readonly createdAtMs: number;
  updatedAtMs: number;
  launchedAtMs: number;
  /** Of a resized one: where it came from. */
  resizedFrom: string | undefined;
  /** Oldest first. */
  readonly actions: GuestAction[];
  host: string | null;
  vmState: string;
  taskState: string | null;
  powerState: number;
  fault: { readonly message: string; readonly atMs: number } | undefined;
  /** A second evacuate reached it while it was being rebuilt: it never leaves `rebuilding`. */
  wrecked: boolean;
}

/** One row of os-instance-actions. */
export interface GuestAction {
  readonly name: string;
  readonly requestId: string;
  readonly startedAtMs: number;
  /** nova-compute by itself, or a user who is not the admin; the admin when left out. */
  readonly by?: 'nova' | 'somebody';
  /** What computes and the conductor began for it, and what went wrong. Empty while it waits in a queue. */
  readonly begun: { readonly event: string; readonly host: string; readonly failure?: string }[];
  /** The host in whose nova-compute's queue it waits. */
  queuedFor?: string | undefined;
}

export interface Migration {
  readonly id: number;
  readonly uuid: string;
  readonly type: 'evacuation' | 'migration';
  readonly instanceId: string;
  readonly sourceHost: string;
  targetHost: string | null;
  targetNode: string | null;
  status: string;
  readonly createdAtMs: number;
  updatedAtMs: number | undefined;
}

/** One stay of a guest on one machine. The ground truth behind `doubleRuns`. */
export interface Run {
  readonly instanceId: string;
  readonly host: string;
  readonly boot: string | undefined;
  readonly fromMs: number;
  toMs: number | undefined;
}

export interface EvacuateCall {
  readonly atMs: number;
  readonly instanceId: string;
  readonly sourceHost: string | null;
  readonly targetHost: string | undefined;
  /** `wrecks`: accepted, though the instance was being rebuilt already. */
  readonly outcome: 'accepted' | 'wrecks' | 'refused';
  readonly status: number;
}

export interface Token {
  readonly user: string;
  /** Undefined: a token without a scope. */
  readonly projectId: string | undefined;
  readonly expiresAtMs: number;
}

export interface ServerGroupRecord {
  readonly id: string;
  readonly name: string;
  readonly policy: string;
  readonly members: string[];
}

export interface AggregateRecord {
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  readonly zone: string | undefined;
  readonly hosts: string[];
  readonly metadata: Readonly<Record<string, string>>;
}

export interface ImageRecord {
  readonly id: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
}

/** Whoever wants to know what happens at the moment when it does. */
export interface WorldWatch {
  /** An evacuate call has arrived; what it answers stands in the call. The guest is as it was before. */
  evacuateCalled?(call: EvacuateCall, guest: Guest): void;
  runBegan?(run: Run, guest: Guest): void;
}

export interface World {
  readonly clock: Clock;
  readonly randomness: Randomness;
  watch: WorldWatch;
  readonly faults: FaultBook;
  options: EmulatorOptions;
  readonly hosts: Map<string, Host>;
  readonly guests: Map<string, Guest>;
  migrations: Migration[];
  readonly runs: Run[];
  readonly evacuateCalls: EvacuateCall[];
  readonly groups: ServerGroupRecord[];
  readonly aggregates: AggregateRecord[];
  readonly images: ImageRecord[];
  readonly tokens: Map<string, Token>;
  readonly ids: {
    readonly project: string;
    readonly memberProject: string;
    readonly user: string;
    readonly image: string;
  };
}

export function createWorld(clock: Clock, randomness: Randomness, options: EmulatorOptions, faults: FaultBook): World {
  const hex = (): string => hexOf(randomness);
  const image = randomness.uuid();
  return {
    clock,
    randomness,
    watch: {},
    faults,
    options,
    hosts: new Map(),
    guests: new Map(),
    migrations: [],
    runs: [],
    evacuateCalls: [],
    groups: [],
    aggregates: [],
    images: [{ id: image, name: 'cirros', properties: {}, tags: [] }],
    tokens: new Map(),
    ids: { project: hex(), memberProject: hex(), user: hex(), image },
  };
}

/** 32 hexadecimal digits, as Keystone's ids and boot ids are. */
export function hexOf(randomness: Randomness): string {
  return randomness.uuid().replaceAll('-', '');
}

export function addHost(world: World, spec: HostSpec): Host {
  if (world.hosts.has(spec.name)) throw new Error(`host ${spec.name} exists already`);
  const now = world.clock.now();
  const beats = spec.beats ?? 'emulator';
  const host: Host = {
    name: spec.name,
    serviceId: world.randomness.uuid(),
    providerId: world.randomness.uuid(),
    vcpus: spec.vcpus ?? (spec.capacity === undefined ? 1_000 : spec.capacity),
    memoryMb: spec.memoryMb ?? 800_000,
    zone: spec.zone ?? 'nova',
    capacity: spec.capacity ?? Number.POSITIVE_INFINITY,
    beats,
    createdAtMs: now,
    status: 'enabled',
    disabledReason: null,
    forcedDown: false,
    lastSeenUpMs: beats === 'emulator' ? now : undefined,
    lastPutMs: undefined,
    power: 'on',
    compute: beats === 'emulator' ? 'running' : 'stopped',
    computeStartedAtMs: now,
    boot: beats === 'emulator' ? hexOf(world.randomness) : undefined,
    machine: undefined,
    lastSignOfLifeMs: undefined,
    spawning: 0,
    spawnQueue: [],
  };
  world.hosts.set(host.name, host);
  return host;
}

const POWER_STATES: Readonly<Record<string, number>> = {
  stopped: 4,
  shelved_offloaded: 4,
  rescued: 4,
  paused: 3,
  suspended: 7,
};

export function addGuest(world: World, spec: InstanceSpec): Guest {
  const host = requireHost(world, spec.host);
  const now = world.clock.now();
  const vmState = spec.vmState ?? 'active';
  const id = spec.id ?? world.randomness.uuid();
  if (world.guests.has(id)) throw new Error(`instance ${id} exists already`);
  const guest: Guest = {
    id,
    name: spec.name ?? `vm-${world.guests.size + 1}`,
    number: world.guests.size + 1,
    projectId: spec.projectId ?? (spec.project === 'member' ? world.ids.memberProject : world.ids.project),
    metadata: spec.metadata ?? {},
    tags: spec.tags ?? [],
    locked: spec.locked ?? false,
    extraSpecs: spec.extraSpecs ?? {},
    vcpus: spec.vcpus ?? 1,
    memoryMb: spec.memoryMb ?? 64,
    imageId: spec.imageId ?? world.ids.image,
    spawnMs: spec.spawnMs,
    resizedFrom: spec.resizedFrom,
    actions: spec.lastAction === undefined ? [] : [firstAction(world, spec.lastAction, host.name)],
    createdAtMs: now,
    updatedAtMs: now,
    launchedAtMs: now,
    host: vmState === 'shelved_offloaded' ? null : host.name,
    vmState,
    taskState: spec.taskState ?? null,
    powerState: spec.powerState ?? POWER_STATES[vmState] ?? 1,
    // As of one that was reset to error: a fault comes from what failed.
    fault: undefined,
    wrecked: false,
  };
  world.guests.set(id, guest);
  groupOf(world, spec)?.members.push(id);
  if (guest.host !== null && guest.powerState === 1) startRun(world, guest, host);
  return guest;
}

/** By its id, or by its name: one of that name is made when there is none. */
function groupOf(world: World, { group, groupId }: InstanceSpec): ServerGroupRecord | undefined {
  if (group === undefined) return world.groups.find(({ id }) => id === groupId);
  const known = world.groups.find(({ name }) => name === group.name);
  if (known !== undefined) return known;
  const made: ServerGroupRecord = { id: world.randomness.uuid(), ...group, members: [] };
  world.groups.push(made);
  return made;
}

function firstAction(world: World, { name, call }: NonNullable<InstanceSpec['lastAction']>, host: string): GuestAction {
  const begun = call === 'taken' ? [{ event: `compute_${name}_instance`, host }] : [];
  const queuedFor = call === 'taken' ? undefined : host;
  const requestId = `req-${world.randomness.uuid()}`;
  return { name, requestId, startedAtMs: world.clock.now(), begun, queuedFor };
}

export function requireHost(world: World, name: string): Host {
  const host = world.hosts.get(name);
  if (host === undefined) throw new Error(`unknown host ${name}`);
  return host;
}

export function startRun(world: World, guest: Guest, host: Host): void {
  const run: Run = {
    instanceId: guest.id,
    host: host.name,
    boot: host.boot,
    fromMs: world.clock.now(),
    toMs: undefined,
  };
  world.runs.push(run);
  world.watch.runBegan?.(run, guest);
}

/** Ends them now, or at `atMs` when that is known, but never before they began. */
export function endRuns(world: World, ended: (run: Run) => boolean, atMs: number = world.clock.now()): void {
  for (const run of world.runs) if (run.toMs === undefined && ended(run)) run.toMs = Math.max(run.fromMs, atMs);
}
