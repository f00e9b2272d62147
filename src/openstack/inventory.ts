/**
 * What the cloud holds and where, for planning: few calls, made in quiet times and never on the way to an evacuation.
 * LifeboatErrors with CLOUD_ codes, as in cloud.ts. Real: `novaCloud`; facts: the contract suite in test/contract.
 */
export interface Inventory {
  /** Nova host by the id of its resource provider in Placement. */
  providers(signal?: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /**
   * By provider id: what is free of each resource class, in one call for the whole cloud. A provider without a free
   * megabyte of memory is not in it.
   */
  freeResources(signal?: AbortSignal): Promise<ReadonlyMap<string, Resources>>;
  /** By consumer (the instance's id): what it holds on the provider. */
  allocationsOn(providerId: string, signal?: AbortSignal): Promise<ReadonlyMap<string, Resources>>;
  serverGroups(signal?: AbortSignal): Promise<readonly ServerGroup[]>;
  aggregates(signal?: AbortSignal): Promise<readonly Aggregate[]>;
  /** CLOUD_CONFLICT when it is in the aggregate already, or in one of another availability zone. */
  addToAggregate(aggregateId: string, host: string, signal?: AbortSignal): Promise<void>;
  /** CLOUD_NOT_FOUND when it is not in the aggregate. */
  removeFromAggregate(aggregateId: string, host: string, signal?: AbortSignal): Promise<void>;
  /** The extra specs of each flavor, private ones too. */
  flavors(signal?: AbortSignal): Promise<readonly Readonly<Record<string, string>>[]>;
  /** Every image that this user can see. */
  images(signal?: AbortSignal): Promise<readonly Image[]>;
}

/** Amounts by resource class: VCPU, MEMORY_MB, DISK_GB, PCPU, CUSTOM_… */
export type Resources = Readonly<Record<string, number>>;

export interface ServerGroup {
  readonly id: string;
  /** affinity, anti-affinity, soft-affinity, soft-anti-affinity */
  readonly policy: string;
  /** How many members of an anti-affinity group may share a host. */
  readonly maxPerHost: number;
  /** Ids of instances. */
  readonly members: readonly string[];
}

export interface Aggregate {
  readonly id: string;
  readonly name: string;
  readonly zone: string | undefined;
  readonly hosts: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Image {
  readonly id: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
}
