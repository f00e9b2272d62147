import type { ComputeCommand } from './farm.ts';

/** What a test asks of the real control plane. Times are milliseconds. */
export interface CloudLab {
  readonly name: string;
  /** Databases, logs, configuration, pids. Removed by `down`, the seed excepted. */
  readonly dir: string;
  /** Where every service listens: 127.0.0.1, or the address given at the start. */
  readonly address: string;
  readonly ports: CloudPorts;
  /** http://ADDRESS:PORT/v3 */
  readonly authUrl: string;
  /** What Lifeboat logs in as: role admin in the project `service`. */
  readonly account: CloudAccount;
  /** Role admin in the project `admin`. */
  readonly admin: CloudAccount;
  /** Role member in the project `demo`. */
  readonly demo: CloudAccount;
  /** A second region of the catalog: its Keystone and Nova have their ports 100 higher, for a proxy of the test's. */
  readonly measuredRegion: string;
  /** The hosts whose nova-compute was started with the lab. */
  readonly hosts: readonly string[];
  /** An image of 1 KB, and a flavor of one vCPU, 64 MB and no disk. */
  readonly imageId: string;
  readonly flavorId: string;
  readonly masakari: MasakariLab | undefined;

  /** Starts nova-compute of a host, a new one too, and waits until Nova lists it as up (unless forced down). */
  startCompute(host: string): Promise<void>;
  /** SIGKILL of that nova-compute alone. The rabbit connection closes as the kernel closes it. */
  killCompute(host: string): Promise<void>;
  /** SIGSTOP: what is cast to the host stays in its queue. */
  freezeCompute(host: string): Promise<void>;
  thawCompute(host: string): Promise<void>;
  isComputeRunning(host: string): boolean;
  /** How long the fake driver's spawn takes on that host from now on; survives a restart of its nova-compute. */
  setSpawnDelay(host: string, ms: number): Promise<void>;
  /** What runs one plain nova-compute of that host, a new one too, from somewhere else: a cluster node's namespaces. */
  computeCommand(host: string): Promise<ComputeCommand>;
  /** Rows as text, NULL as undefined. For states that no API reaches, and for measuring without a call. */
  sql(database: CloudDatabase, statement: string): Promise<readonly (readonly (string | undefined)[])[]>;
  /** Back to no servers, no groups, no aggregates, every host up and enabled; services keep running where they can. */
  reset(): Promise<void>;
  down(): Promise<void>;
}

export type CloudDatabase = 'keystone' | 'placement' | 'glance' | 'nova' | 'nova_api' | 'nova_cell0' | 'masakari';

export interface CloudPorts {
  readonly database: number;
  readonly messages: number;
  readonly keystone: number;
  readonly nova: number;
  readonly placement: number;
  readonly glance: number;
  readonly neutron: number;
  readonly masakari: number;
}

export interface CloudAccount {
  readonly username: string;
  readonly password: string;
  readonly projectName: string;
  readonly domainName: string;
  readonly region: string;
}

/** Masakari's API and engine from Debian's packages, with the two mends that they need to work at all. */
export interface MasakariLab {
  /** http://ADDRESS:PORT/v1 */
  readonly endpoint: string;
  /** Restarts the engine with these lines in [DEFAULT]; none: its defaults. */
  configure(lines: readonly string[]): Promise<void>;
}

export interface CloudLabOptions {
  /** Two labs with different names share nothing, if their ports differ too. */
  readonly name?: string;
  readonly address?: string;
  /** Added to every port, so that labs can run side by side. */
  readonly portOffset?: number;
  /** A network namespace (ip netns) in which every process of the lab runs; default: the caller's. */
  readonly netns?: string;
  /** Default compute-1 to compute-4. */
  readonly hosts?: readonly string[];
  /** Default: fake.FakeDriver with the lab's spawn delay. */
  readonly vcpusPerHost?: number;
  /** Default 10 and 60, as Nova. Tests take 1 and 5. */
  readonly reportIntervalS?: number;
  readonly serviceDownTimeS?: number;
  /** Added to [DEFAULT] of Nova, of its API and of every nova-compute. */
  readonly novaOptions?: Readonly<Record<string, string | number>>;
  readonly masakari?: boolean;
  /** Worker processes of nova-api and keystone. */
  readonly apiWorkers?: number;
  readonly onStep?: (sentence: string, elapsedMs: number) => void;
  readonly owner?: 'process' | 'detached';
}
