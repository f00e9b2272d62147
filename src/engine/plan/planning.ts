import { messageOf } from '../../errors.ts';
import type { Inventory } from '../../openstack/inventory.ts';
import { sleep, type Logger } from '../../ports.ts';
import type { OrderRules } from '../order/rules.ts';
import { USUAL_TAG, type Tagged } from '../select.ts';
import { CapacityWatch } from './capacity-watch.ts';
import { Planner, type HostPlan, type PlannerPorts } from './planner.ts';
import { Stock } from './stock.ts';

export interface PlanningPorts extends Omit<PlannerPorts, 'stock' | 'tagged'> {
  readonly inventory: Inventory;
  readonly logger: Logger;
  readonly order: OrderRules;
  readonly capacityEveryMs: number;
  readonly onChange: () => void;
}

const LABELS_RETRY_MS = 60_000;
const LABELS_PATIENCE_MS = 2_000;

/** What the engine knows of the room in the cloud, and the plans that it makes of it. Only in quiet times, or when asked. */
export class Planning {
  readonly stock: Stock;
  readonly capacity: CapacityWatch;
  readonly #planner: Planner;
  readonly #ports: PlanningPorts;
  /** 0 while they can be read. */
  #labelsNotBeforeMs = 0;

  constructor(ports: PlanningPorts) {
    this.#ports = ports;
    this.stock = new Stock(ports.inventory, ports.clock);
    this.#planner = new Planner({ ...ports, stock: this.stock, tagged: () => this.tagged });
    this.capacity = new CapacityWatch({
      ...ports,
      planner: this.#planner,
      everyMs: ports.capacityEveryMs,
      hosts: () => this.#hostsInService(),
    });
  }

  /** Reads what will be needed on a bad day, one piece at a time, and looks ahead. */
  async whileQuiet(): Promise<void> {
    await this.readLabels();
    await this.capacity.step();
  }

  async plan(host: string, signal?: AbortSignal): Promise<HostPlan> {
    await this.readLabels(signal);
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

  /**
   * Reads the images, and the flavors, where something depends on them and what is known is old. Never throws: a Glance that
   * does not answer must not keep anything else from being done.
   */
  async readLabels(signal?: AbortSignal): Promise<void> {
    const { clock, logger, order, selection } = this.#ports;
    const byTag = selection.select === 'tagged';
    const now = clock.monotonic();
    if (now < this.#labelsNotBeforeMs || !(byTag || order.sources.includes('image'))) return;
    try {
      await Promise.all([this.stock.readImages(signal), byTag ? this.stock.readFlavors(signal) : undefined]);
      this.#labelsNotBeforeMs = 0;
    } catch (error) {
      const reason = messageOf(error);
      if (this.#labelsNotBeforeMs === 0) logger.warn({}, `flavors and images cannot be read: ${reason}`);
      this.#labelsNotBeforeMs = now + LABELS_RETRY_MS;
    }
  }

  /**
   * For an engine that has not seen a quiet moment yet: reads them if nothing is known, beside the isolation of the host, and
   * does not keep the first evacuation waiting for longer than that.
   */
  async labelsAtLeastOnce(signal: AbortSignal): Promise<void> {
    if (this.stock.hasImages) return;
    const enough = new AbortController();
    const patience = sleep(this.#ports.clock, LABELS_PATIENCE_MS, AbortSignal.any([signal, enough.signal]));
    await Promise.race([this.readLabels(signal), patience.catch(() => undefined)]);
    enough.abort();
  }

  /** What is known now. */
  get tagged(): Tagged {
    const tag = this.#ports.selection.tag ?? USUAL_TAG;
    return { anything: this.stock.isAnythingTagged(tag), image: (id) => this.stock.image(id) };
  }
}
