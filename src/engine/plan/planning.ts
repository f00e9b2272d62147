import { messageOf } from '../../errors.ts';
import type { Inventory } from '../../openstack/inventory.ts';
import type { Logger } from '../../ports.ts';
import { CapacityWatch } from './capacity-watch.ts';
import { Planner, type HostPlan, type PlannerPorts } from './planner.ts';
import { Stock } from './stock.ts';

export interface PlanningPorts extends Omit<PlannerPorts, 'stock'> {
  readonly inventory: Inventory;
  readonly logger: Logger;
  readonly readsImages: boolean;
  readonly capacityEveryMs: number;
  readonly onChange: () => void;
}

const IMAGES_RETRY_MS = 60_000;

/** What the engine knows of the room in the cloud, and the plans that it makes of it. Only in quiet times, or when asked. */
export class Planning {
  readonly stock: Stock;
  readonly capacity: CapacityWatch;
  readonly #planner: Planner;
  readonly #ports: PlanningPorts;
  /** 0 while they can be read. */
  #imagesNotBeforeMs = 0;

  constructor(ports: PlanningPorts) {
    this.#ports = ports;
    this.stock = new Stock(ports.inventory, ports.clock);
    this.#planner = new Planner({ ...ports, stock: this.stock });
    this.capacity = new CapacityWatch({
      ...ports,
      planner: this.#planner,
      everyMs: ports.capacityEveryMs,
      hosts: () => this.#hostsInService(),
    });
  }

  /** Reads what will be needed on a bad day, one piece at a time, and looks ahead. */
  async whileQuiet(): Promise<void> {
    if (this.#ports.readsImages) await this.#readImages();
    await this.capacity.step();
  }

  plan(host: string, signal?: AbortSignal): Promise<HostPlan> {
    return this.#planner.plan(host, 0, signal);
  }

  #hostsInService(): readonly string[] {
    const { isSound, services } = this.#ports;
    return services()
      .filter(({ forcedDown, host, state, status }) => {
        return status === 'enabled' && state === 'up' && !forcedDown && isSound(host);
      })
      .map(({ host }) => host);
  }

  /** A Glance that does not answer must not keep anything else from being read. */
  async #readImages(): Promise<void> {
    const now = this.#ports.clock.monotonic();
    if (now < this.#imagesNotBeforeMs) return;
    try {
      await this.stock.readImages();
      this.#imagesNotBeforeMs = 0;
    } catch (error) {
      if (this.#imagesNotBeforeMs === 0) this.#ports.logger.warn({}, `the images cannot be read: ${messageOf(error)}`);
      this.#imagesNotBeforeMs = now + IMAGES_RETRY_MS;
    }
  }
}
