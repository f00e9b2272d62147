import type { Credentials } from '../../src/openstack/credentials.ts';
import type { NovaCloud } from '../../src/openstack/nova.ts';
import type { Timings } from '../../src/openstack/timings.ts';
import type { CloudProxy } from '../cloud/proxy/proxy.ts';

/** A cloud to hold against the contract, and hands to do with it what no API of Lifeboat's does. */
export interface ContractStage {
  /** Logged in as admin, through the proxy. */
  readonly cloud: NovaCloud;
  /** Before Keystone and Nova: it counts what is sent and breaks what a test names. */
  readonly proxy: CloudProxy;
  /** Of the admin, for `open`; they lead through the proxy. */
  readonly admin: Credentials;
  /** Of a user who is a member of a project and no administrator. */
  readonly member: Credentials;
  /** Of the admin, as an application credential. */
  readonly application: { readonly id: string; readonly name: string; readonly secret: string };
  /** At least three compute hosts that are up, enabled and empty. There may be others. */
  readonly hosts: readonly [string, string, string, ...string[]];
  /** How long Nova may take for what it does beside the request. */
  readonly patienceMs: number;
  /** The interval of nova-compute's heartbeats. */
  readonly beatMs: number;
  /** A further client. It is closed with the stage. */
  open(credentials: Credentials, timings?: Partial<Timings>): NovaCloud;
  /** Starts an instance on the host, brings it to that state and answers its id. */
  boot(host: string, wish?: InstanceWish): Promise<string>;
  /** Answers the id of a server group; it goes with the stage. */
  makeServerGroup(policy: string): Promise<string>;
  /** Answers the id of an aggregate with these hosts; it goes with the stage. */
  makeAggregate(hosts: readonly string[]): Promise<string>;
  /** Deletes it as its owner does. */
  remove(id: string): Promise<void>;
  /** Kills nova-compute of the host, as a power cut does. */
  kill(host: string): Promise<void>;
  /** Starts it again, and waits until it has begun its work. */
  restart(host: string): Promise<void>;
  /** How long every host takes to start an instance from now on. */
  slowSpawns(ms: number): Promise<void>;
  dispose(): Promise<void>;
}

export interface InstanceWish {
  readonly state?: 'active' | 'stopped' | 'paused' | 'suspended' | 'error';
  readonly name?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  readonly locked?: boolean;
  /** `other`: one that the admin is not logged in to. */
  readonly project?: 'own' | 'other';
  /** The id of its server group. */
  readonly group?: string;
}

export const NOBODY = '00000000-0000-0000-0000-000000000000';
