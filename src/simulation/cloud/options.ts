/** What a test may choose about the emulated cloud. Times are milliseconds of the emulator's clock. */
export interface EmulatorOptions {
  /** The user `admin` (all rights) and the user `demo` (a member, no rights) have this password. */
  readonly password: string;
  readonly applicationCredential: { readonly id: string; readonly name: string; readonly secret: string };
  readonly project: string;
  /** The project of which `demo` is a member. */
  readonly memberProject: string;
  readonly region: string;
  readonly tokenLifetimeMs: number;
  /** The newest microversion served, as Nova's version document shows it. */
  readonly maxMicroversion: string;
  /** The page size when a request names none, and the most it may ask for (Nova: osapi_max_limit). */
  readonly pageLimit: number;
  /** A service whose last heartbeat is older is `down`. */
  readonly serviceDownTimeMs: number;
  /** How often a host that the emulator runs reports to Nova. */
  readonly reportIntervalMs: number;
  /** How long nova-compute waits before it believes that a guest has stopped (it may only be rebooting). */
  readonly crashHeardMs: number;
  /** How long a PUT of the status of a dead host that still looks up holds its API worker. */
  readonly rpcTimeoutMs: number;
  /** Requests to Nova answered at one time; 0 is no limit. */
  readonly apiWorkers: number;
  /** From the accepted evacuate to the choice of a target, or to the instance in ERROR. */
  readonly schedulerMs: number;
  /** How long a target needs to start one instance. */
  readonly spawnMs: number;
  /** Instances that one target starts at one time. */
  readonly spawnConcurrency: number;
  /** Nova saves the instance as ACTIVE first, and its new host after that. */
  readonly settleMs: number;
  /** A restarted nova-compute of a forced-down host must wait until its instances are gone. */
  readonly gate: boolean;
  /** Where Masakari's API is, for the catalog; undefined: the cloud has none. */
  readonly instanceHaUrl: string | undefined;
  /** A lab's host that was silent for longer counts as dead when Nova calls it. */
  readonly labSilenceMs: number;
  /** What the stored whole seconds of updated_at are made of: MariaDB truncates, MySQL rounds. */
  readonly storedSeconds: 'truncated' | 'rounded';
  /** `closed-silently`: the server closes after each answer without saying so, as uwsgi --http-socket does. */
  readonly connections: 'kept' | 'closed' | 'closed-silently';
}

export const DEFAULT_OPTIONS: EmulatorOptions = {
  password: 'secret',
  applicationCredential: { id: 'd3b1c0ffee0000000000000000000001', name: 'lifeboat', secret: 'app-secret' },
  project: 'admin',
  memberProject: 'demo',
  region: 'RegionOne',
  tokenLifetimeMs: 4 * 3_600_000,
  maxMicroversion: '2.93',
  pageLimit: 1000,
  serviceDownTimeMs: 60_000,
  reportIntervalMs: 10_000,
  crashHeardMs: 15_000,
  rpcTimeoutMs: 60_000,
  apiWorkers: 0,
  schedulerMs: 20,
  spawnMs: 300,
  spawnConcurrency: 10,
  settleMs: 0,
  gate: true,
  instanceHaUrl: undefined,
  labSilenceMs: 3_000,
  storedSeconds: 'truncated',
  connections: 'kept',
};

export interface HostSpec {
  readonly name: string;
  readonly zone?: string;
  /** How many instances fit; unlimited when left out. */
  readonly capacity?: number;
  /** What Placement knows of it; 1,000 (or `capacity`) and 800,000 when left out. */
  readonly vcpus?: number;
  readonly memoryMb?: number;
  /**
   * Who sends the heartbeats of its nova-compute: the emulator by itself, or a lab through `POST /lab/beat/HOST`.
   * A lab's host is down until its first beat.
   */
  readonly beats?: 'emulator' | 'lab';
}

export interface InstanceSpec {
  readonly host: string;
  readonly id?: string;
  readonly name?: string;
  /** The project of the admin when left out; `member` is the other one that exists. */
  readonly project?: 'admin' | 'member';
  readonly projectId?: string;
  /** active, stopped, error, paused, suspended, resized, rescued, shelved_offloaded. */
  readonly vmState?: string;
  readonly taskState?: string;
  /** 1 when left out, or what goes with the vm_state. */
  readonly powerState?: number;
  /** Of a resized one: the host that it came from. */
  readonly resizedFrom?: string;
  /** The call that brought it into its task state (start, stop, resume …): taken by nova-compute, or in its queue still. */
  readonly lastAction?: { readonly name: string; readonly call: 'taken' | 'queued' };
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  readonly locked?: boolean;
  readonly extraSpecs?: Readonly<Record<string, string>>;
  /** Of its flavor; 1 and 64 when left out. */
  readonly vcpus?: number;
  readonly memoryMb?: number;
  readonly imageId?: string;
  /** The server group that it was booted into. */
  readonly groupId?: string;
  /** Overrides the option of that name. */
  readonly spawnMs?: number;
  /** Its server group. */
  readonly group?: { readonly name: string; readonly policy: 'affinity' | 'anti-affinity' };
}

export interface AggregateSpec {
  readonly name: string;
  readonly hosts?: readonly string[];
  readonly zone?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface ImageSpec {
  readonly name?: string;
  readonly properties?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
}
