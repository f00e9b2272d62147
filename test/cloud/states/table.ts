/** What was measured on a real Nova for every state: the content of test/samples/openstack/instance-states.json. */
export interface StateTable {
  /** The version of Nova's packages. */
  readonly nova: string;
  readonly rows: readonly StateRow[];
}

export interface StateRow {
  /** The name of the recipe that brings an instance into the state. */
  readonly state: string;
  /** `sql`: no call of the API reaches it reliably. */
  readonly broughtBy: 'api' | 'sql';
  readonly at: Readonly<Record<Microversion, Measured>>;
}

export const MICROVERSIONS = ['2.53', '2.93'] as const;
export type Microversion = (typeof MICROVERSIONS)[number];

/** Hosts and ids stand as HOST (the dead one), TARGET (any other) and ID. */
export interface Measured {
  /** As Nova showed it before the host died: vm_state, and task_state if there is one. */
  readonly before: string;
  /** A twin of the instance, evacuated without any preparation while its host was forced down. */
  readonly bare: {
    readonly status: number;
    /** Nova's words of a refusal. */
    readonly message?: string;
    readonly ends: string;
  };
  readonly lifeboat: {
    /** In their order, the evacuate among them. */
    readonly calls: readonly string[];
    /** Undefined: the instance was none of the host's, so there is no move. */
    readonly move?: string;
    readonly reason?: string;
    readonly ends: string;
    /** Nova's own count, from the actions of the instance. */
    readonly evacuations: number;
  };
}
