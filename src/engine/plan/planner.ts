import { isLifeboatError, messageOf } from '../../errors.ts';
import type { Cloud, ComputeService, Instance } from '../../openstack/cloud.ts';
import type { Clock } from '../../ports.ts';
import type { Rank } from '../order/rank.ts';
import type { Selection, Tagged } from '../select.ts';
import { planMoves, type PlanFacts, type PlannedMove } from './plan.ts';
import type { Target } from './room.ts';
import type { Stock } from './stock.ts';

export interface PlannerPorts {
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly stock: Stock;
  readonly selection: Selection;
  readonly tagged: () => Tagged;
  readonly ranks: (instances: readonly Instance[]) => ReadonlyMap<string, Rank>;
  readonly services: () => readonly ComputeService[];
  /** Whether the host can take instances now, as far as the cluster and the engine know. */
  readonly isSound: (host: string) => boolean;
  readonly acrossZones: boolean;
  /** Which targets the recovery method of the host's segment tries, and which hosts are reserved for it. */
  readonly method: (host: string) => { readonly ways: PlanFacts['ways']; readonly reserved: readonly string[] };
}

export interface HostPlan {
  readonly host: string;
  readonly moves: readonly PlannedMove[];
  /** Why Placement could not be asked, if so. */
  readonly failure: string | undefined;
}

/** Reads what a plan rests on and makes it. */
export class Planner {
  readonly #ports: PlannerPorts;
  /** Of members of server groups: the host on which they were seen last. */
  readonly #memberHosts = new Map<string, string>();

  constructor(ports: PlannerPorts) {
    this.#ports = ports;
  }

  /** `maxAgeMs`: how old what Placement said may be. Throws what Nova answers; without Placement it says so instead. */
  async plan(host: string, maxAgeMs: number, signal?: AbortSignal): Promise<HostPlan> {
    const { acrossZones, cloud, method, ranks, selection, services, stock, tagged } = this.#ports;
    const [instances, held, groups] = await Promise.all([
      cloud.instancesOn(host, signal),
      this.#readPlacement(host, maxAgeMs, signal),
      stock.groups(signal),
    ]);
    this.#noteMembers(groups, instances, host);
    const { ways, reserved } = method(host);
    const facts: PlanFacts = {
      host,
      zone: services().find((service) => service.host === host)?.zone ?? '',
      instances,
      selection,
      tagged: tagged(),
      ranks: ranks(instances),
      stock: 'failure' in held ? undefined : { needs: held.needs, targets: this.#targets(host, held.free, reserved) },
      groups,
      hostOf: (id) => this.#memberHosts.get(id),
      acrossZones,
      ways,
    };
    return { host, moves: planMoves(facts), failure: 'failure' in held ? held.failure : undefined };
  }

  async #readPlacement(host: string, maxAgeMs: number, signal?: AbortSignal): Promise<Held> {
    const { stock } = this.#ports;
    try {
      const [free, needs] = await Promise.all([stock.freeByHost(maxAgeMs, signal), stock.needsOn(host, signal)]);
      return needs === undefined ? { failure: `Placement has no provider for ${host}` } : { free, needs };
    } catch (error) {
      if (!isLifeboatError(error)) throw error;
      return { failure: messageOf(error) };
    }
  }

  #targets(host: string, free: Free, reserved: readonly string[]): readonly Target[] {
    const { isSound, services } = this.#ports;
    return services().flatMap((service): Target[] => {
      const isReserved = reserved.includes(service.host);
      const isOpen = service.status === 'enabled' || isReserved;
      const isUp = service.state === 'up' && !service.forcedDown && isSound(service.host);
      const left = free.get(service.host);
      if (service.host === host || !isOpen || !isUp || left === undefined) return [];
      return [{ host: service.host, zone: service.zone, free: left, reserved: isReserved }];
    });
  }

  #noteMembers(groups: PlanFacts['groups'], instances: readonly Instance[], host: string): void {
    const members = new Set(groups.flatMap((group) => group.members));
    for (const [id, where] of this.#memberHosts) if (where === host || !members.has(id)) this.#memberHosts.delete(id);
    for (const { id } of instances) if (members.has(id)) this.#memberHosts.set(id, host);
  }
}

type Free = Awaited<ReturnType<Stock['freeByHost']>>;
type Held =
  | { readonly free: Free; readonly needs: NonNullable<Awaited<ReturnType<Stock['needsOn']>>> }
  | { readonly failure: string };
