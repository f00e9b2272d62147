/**
 * OpenStack as the engine sees it: few verbs, plain values, LifeboatErrors with CLOUD_ codes. Real: `novaCloud`.
 * Facts behind each verb: docs/decisions and the contract suite in test/contract/cloud.ts.
 */
export interface Cloud {
  /** All nova-compute services. */
  computeServices(signal?: AbortSignal): Promise<readonly ComputeService[]>;
  /** PUT forced_down. Safe to repeat. Setting it to false is refused (CLOUD_BAD_REQUEST) while `done` evacuations remain. */
  setForcedDown(serviceId: string, forcedDown: boolean, signal?: AbortSignal): Promise<ComputeService>;
  /** Only for a host that is already forced down: a dead but "up" one blocks an API worker of Nova for 60 s. */
  disableService(serviceId: string, reason: string, signal?: AbortSignal): Promise<ComputeService>;
  enableService(serviceId: string, signal?: AbortSignal): Promise<ComputeService>;
  /**
   * Every instance of every project that Nova places on the host, all pages. With `changedSinceMs` only those that changed
   * since then, by Nova's clock and in its whole seconds.
   */
  instancesOn(host: string, signal?: AbortSignal, changedSinceMs?: number): Promise<readonly Instance[]>;
  /** One instance, or undefined when Nova has none of that id. */
  instance(id: string, signal?: AbortSignal): Promise<Instance | undefined>;
  /** Evacuation migrations away from the host, newest first, changed since `sinceMs` when given. */
  evacuationsFrom(host: string, sinceMs?: number, signal?: AbortSignal): Promise<readonly Evacuation[]>;
  /**
   * Sends the evacuate action once and never repeats it by itself (but for a 401 or 406, which are answered before
   * anything is executed). When it throws CLOUD_TIMED_OUT, CLOUD_UNREACHABLE, CLOUD_UNAVAILABLE or CLOUD_GARBAGE, or is
   * aborted, Nova may or may not have taken it: only the instance and its migrations tell.
   */
  evacuate(instanceId: string, targetHost: string | undefined, signal?: AbortSignal): Promise<void>;
  /**
   * Sets the instance to `error` with no task state; what it was is then known to nobody but the caller. Sent once, as
   * evacuate and with the same errors: one that comes late, into an evacuation, breaks it.
   */
  resetState(instanceId: string, signal?: AbortSignal): Promise<void>;
  /**
   * Sent once, with the errors of evacuate. Sending it again later is safe: Nova refuses it (CLOUD_CONFLICT) while the
   * first is under way and when the instance is in the state already; but for migrate, which Nova takes again when the
   * first has ended. Not for an instance on a dead host, where it would wait in the queue of its nova-compute;
   * confirm-resize goes to the host that the resize came from, if that is up, and is refused with CLOUD_BAD_REQUEST while
   * one is under way. A migrate chooses another host by Nova's scheduler; the instance arrives there as it was, `resized`,
   * and waits for its confirm-resize. One that finds no host leaves it as it was, and only its record tells.
   */
  act(instanceId: string, action: InstanceAction, signal?: AbortSignal): Promise<void>;
  /** The newest action of the instance but for those that Nova's API does by itself (lock, unlock, resetState). */
  lastAction(instanceId: string, signal?: AbortSignal): Promise<RecordedAction | undefined>;
}

export type InstanceAction = 'start' | 'stop' | 'pause' | 'suspend' | 'rescue' | 'migrate' | 'confirm-resize';

export interface RecordedAction {
  /** Of the request by which it was asked for; no two actions of an instance have the same. */
  readonly requestId: string;
  /** start, stop, pause, reboot, migrate … */
  readonly name: string;
  /** When Nova's API took it, by its clock and in whole seconds; milliseconds since the epoch. */
  readonly atMs: number;
  /** The id of the user who asked for it; undefined when that was nova-compute itself, which stops what it finds dead. */
  readonly userId: string | undefined;
  /** That user is the one as whom Lifeboat is logged in. */
  readonly isOwn: boolean;
  /** What went wrong in it, in Nova's words; undefined: nothing so far. */
  readonly failure: string | undefined;
  /**
   * What began on compute hosts for it, newest first. None: no nova-compute has taken it from its queue. Undefined: Nova
   * does not show it to this user.
   */
  readonly begun: readonly { readonly event: string; readonly host: string | undefined }[] | undefined;
}

export interface ComputeService {
  /** The service's uuid. */
  readonly id: string;
  readonly host: string;
  readonly zone: string;
  readonly status: 'enabled' | 'disabled';
  readonly state: 'up' | 'down';
  readonly forcedDown: boolean;
  readonly disabledReason: string | undefined;
  /**
   * Nova's updated_at: the last heartbeat, or the last PUT on the service (seen: a PUT of forced_down moves it too). So
   * only an advance past what our own last PUT answered is a sign of life (S9). A list shows whole seconds where the PUT
   * showed microseconds, cut off by MariaDB and rounded by MySQL: an advance of a second or less proves nothing.
   * Milliseconds since the epoch.
   */
  readonly updatedAtMs: number | undefined;
}

export interface Instance {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  /** Upper case, as Nova: ACTIVE, SHUTOFF, ERROR, REBUILD … */
  readonly status: string;
  /** active, stopped, error, paused … */
  readonly vmState: string;
  readonly taskState: string | undefined;
  /** Nova: 0 none, 1 running, 3 paused, 4 shut down, 6 crashed, 7 suspended. */
  readonly powerState: number;
  readonly host: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly fault: string | undefined;
  readonly createdAtMs: number | undefined;
  /** Extra specs of the flavor that it was made with; undefined when Nova does not show them to this user. */
  readonly flavorSpecs?: Readonly<Record<string, string>> | undefined;
  /** Undefined when it was booted from a volume. */
  readonly imageId?: string | undefined;
}

/** A migration record of type evacuation. */
export interface Evacuation {
  readonly id: string;
  readonly instanceId: string;
  readonly sourceHost: string;
  readonly targetHost: string | undefined;
  /** accepted, pre-migrating, done, completed, error, failed, cancelled … */
  readonly status: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number | undefined;
}
