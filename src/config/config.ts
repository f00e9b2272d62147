/**
 * The configuration as the rest of Lifeboat sees it: complete, checked, frozen. Made only by `loadConfig` and
 * `configFromText`. What each key means, and its default, stands once, in schema.ts. Durations are milliseconds.
 */
export interface Config {
  readonly cloud: CloudConfig;
  readonly cluster: ClusterConfig;
  readonly proof: ProofConfig;
  readonly hosts: HostsConfig;
  readonly evacuation: EvacuationConfig;
  readonly storm: StormConfig;
  readonly flapping: FlappingConfig;
  readonly instances: InstancesConfig;
  readonly instanceFailure: InstanceFailureConfig;
  readonly processFailure: ProcessFailureConfig;
  readonly order: OrderConfig;
  readonly recovery: RecoveryConfig;
  readonly capacity: CapacityConfig;
  readonly api: ApiConfig;
  readonly notifications: NotificationsConfig;
  readonly gate: GateConfig;
  /** Who answers what is proven down. */
  readonly sink: 'engine' | 'masakari';
  readonly masakari: MasakariConfig;
  readonly store: StoreConfig;
  readonly stateDirectory: string;
  readonly runtimeDirectory: string;
  readonly log: LogConfig;
}

export interface CloudConfig {
  /** The cloud's name in clouds.yaml; undefined: the OS_* variables of the daemon's environment. */
  readonly name: string | undefined;
  /** undefined: /etc/openstack/clouds.yaml. */
  readonly cloudsFile: string | undefined;
  /** undefined: secure.yaml beside the clouds file, when it is there. */
  readonly secureFile: string | undefined;
}

export interface ClusterConfig {
  readonly pollIntervalMs: number;
  /** While a host is lost and its loss is unproven. */
  readonly lostPollIntervalMs: number;
  readonly commandTimeoutMs: number;
}

export interface ProofConfig {
  readonly acceptHumanConfirmation: boolean;
}

export interface HostsConfig {
  /** Cluster node name to Nova host name. Without a prototype, so that no name of a node means something else. */
  readonly map: Readonly<Record<string, string>>;
  readonly attribute: string;
  /** Cluster nodes that Lifeboat never looks at. */
  readonly ignore: readonly string[];
}

export interface EvacuationConfig {
  readonly parallel: number;
  readonly requestTimeoutMs: number;
  readonly settleTimeMs: number;
  readonly moveTimeoutMs: number;
  readonly attempts: number;
  readonly retryDelayMs: number;
  readonly witnessSilenceMs: number;
}

export type Selection = 'all' | 'marked' | 'tagged';
export interface StormConfig {
  readonly windowMs: number;
  readonly coolDownMs: number;
  readonly cluster: { readonly hosts: number; readonly percent: number };
  readonly segment: { readonly hosts: number; readonly percent: number };
}

export interface FlappingConfig {
  readonly failures: number;
  readonly windowMs: number;
}

export interface InstancesConfig {
  readonly select: Selection;
  readonly markKey: string;
  readonly tag: string;
  readonly excludeNames: readonly RegExp[];
  readonly excludeProjects: readonly string[];
}

export const PRIORITY_SOURCES = ['metadata', 'flavor', 'image', 'project'] as const;
export type PrioritySource = (typeof PRIORITY_SOURCES)[number];

/** Priorities are 1 to 1000; the highest is sent first. */
export interface OrderConfig {
  readonly sources: readonly PrioritySource[];
  readonly priorityKey: string;
  readonly groupKey: string;
  readonly afterKey: string;
  /** By project id. Without a prototype. */
  readonly projects: Readonly<Record<string, number>>;
  readonly usualPriority: number;
  readonly groupTimeoutMs: number;
}

/** Masakari's names. */
export const RECOVERY_METHODS = ['auto', 'reserved_host', 'auto_priority', 'rh_priority'] as const;
export type RecoveryMethod = (typeof RECOVERY_METHODS)[number];

export interface RecoveryConfig {
  readonly segments: readonly SegmentConfig[];
  readonly addReservedToAggregates: boolean;
}

export interface SegmentConfig {
  readonly name: string;
  readonly description: string | undefined;
  readonly serviceType: string;
  readonly recoveryMethod: RecoveryMethod;
  readonly enabled: boolean;
  /** In the order in which reserved ones are taken. */
  readonly hosts: readonly SegmentHostConfig[];
}

export interface SegmentHostConfig {
  /** As Nova names it. */
  readonly name: string;
  readonly type: string;
  readonly controlAttributes: string;
  readonly reserved: boolean;
  readonly onMaintenance: boolean;
}

export interface CapacityConfig {
  /** The time in which each host is looked at once; 0: never. */
  readonly checkEveryMs: number;
  readonly acrossZones: boolean;
}

/** For an instance whose guest dies while its host lives. */
export interface InstanceFailureConfig {
  readonly select: 'marked' | 'all';
  /** By EVENT/DETAIL, what is answered otherwise than usual. */
  readonly events: Readonly<Record<string, 'recover' | 'record'>>;
  readonly stopTimeoutMs: number;
  readonly startTimeoutMs: number;
  readonly attempts: number;
  /** So many restarts within this time are enough. */
  readonly restarts: number;
  readonly withinMs: number;
  /** After so many. */
  readonly whenExhausted:
    | { readonly kind: 'give-up' }
    | { readonly kind: 'migrate'; readonly timeoutMs: number; readonly againAfterMs: number };
}

export interface ProcessFailureConfig {
  readonly processes: readonly string[];
  readonly wellAfterMs: number;
}

export interface ApiConfig {
  /** Where the engine answers HTTP; empty: nowhere. */
  readonly listen: readonly Listen[];
  /** undefined: plain HTTP. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly auth: 'keystone' | 'noauth';
  /** undefined: the built-in rules. */
  readonly policyFile: string | undefined;
  /** undefined: hosts have no keys of their own. */
  readonly hostKeysFile: string | undefined;
  readonly tokenCacheMs: number;
  readonly maxLimit: number;
  readonly linkPrefix: string | undefined;
  readonly trustedProxies: readonly string[];
  readonly corsOrigins: readonly string[];
  /** While it exists, load balancers are told to leave this engine alone. */
  readonly drainFile: string;
  /** Addresses and networks that may read the metrics without a token. */
  readonly metricsOpenTo: readonly string[];
  /** Requests each second from one address; 0: any number. */
  readonly rateLimit: number;
}

export interface Listen {
  /** An IP address or a name that resolves to one. */
  readonly address: string;
  readonly port: number;
}

/** For `lifeboat gate`, on a compute host. */
export interface GateConfig {
  /** Base URLs of the API on each controller, without a slash at the end. */
  readonly engines: readonly string[];
  /** undefined: the system's own authorities. */
  readonly caFile: string | undefined;
  /** undefined: nova.conf says it, or the machine's name is it. */
  readonly host: string | undefined;
  /** 0: none. */
  readonly timeoutMs: number;
  readonly pollIntervalMs: number;
  readonly requestTimeoutMs: number;
  readonly whenUnknown: 'refuse' | 'open';
  /** Only when `whenUnknown` is open: how long it must have been in doubt without a break. */
  readonly unknownPatienceMs: number;
}

export interface NotificationsConfig {
  readonly duplicateIntervalMs: number;
  readonly claimPatienceMs: number;
}

export interface MasakariConfig {
  /** undefined: the catalog’s. */
  readonly endpoint: string | undefined;
}

export interface StoreConfig {
  /** undefined: the embedded store. */
  readonly database: DatabaseConfig | undefined;
  readonly leaseDurationMs: number;
  readonly retentionMs: number;
}

export interface DatabaseConfig {
  /** Tried in turn; at least one. */
  readonly hosts: readonly string[];
  readonly port: number;
  readonly name: string;
  readonly user: string;
  /** undefined: LIFEBOAT_DATABASE_PASSWORD. */
  readonly passwordFile: string | undefined;
  readonly tls: 'off' | 'verified' | 'unverified';
  /** undefined: the authorities that Node comes with. */
  readonly caFile: string | undefined;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogConfig {
  readonly level: LogLevel;
}
