import type { Image, Inventory, Resources, ServerGroup } from '../../openstack/inventory.ts';
import type { Clock } from '../../ports.ts';
import { isTaggedImage, isTrue } from '../select.ts';

/** Which host is which provider changes when a host is set up or taken down. */
const PROVIDERS_MS = 3_600_000;
/** A provider that is no known host may be a new one; or a bare metal node, or a shared disk. */
const STRANGER_MS = 600_000;
const GROUPS_MS = 600_000;
const IMAGES_MS = 600_000;

interface Kept<T> {
  readonly value: T;
  readonly askedAtMs: number;
}

/** What the cloud holds as last read. Nothing here is asked on the way to an evacuation. */
export class Stock {
  readonly #inventory: Inventory;
  readonly #clock: Clock;
  #providers: Kept<ReadonlyMap<string, string>> | undefined;
  #free: Kept<ReadonlyMap<string, Resources>> | undefined;
  #groups: Kept<readonly ServerGroup[]> | undefined;
  #images: Kept<ReadonlyMap<string, Image>> | undefined;
  #flavors: Kept<readonly Readonly<Record<string, string>>[]> | undefined;

  constructor(inventory: Inventory, clock: Clock) {
    this.#inventory = inventory;
    this.#clock = clock;
  }

  /** By Nova host, what is free on it; of a host that is full nothing. Not older than `maxAgeMs`. */
  async freeByHost(maxAgeMs: number, signal?: AbortSignal): Promise<ReadonlyMap<string, Resources>> {
    this.#free = await this.#fresh(this.#free, maxAgeMs, () => this.#inventory.freeResources(signal));
    const free = this.#free.value;
    const known = new Set((await this.#providersByHost(PROVIDERS_MS, signal)).values());
    const isComplete = [...free.keys()].every((id) => known.has(id));
    const providers = await this.#providersByHost(isComplete ? PROVIDERS_MS : STRANGER_MS, signal);
    return new Map([...providers].map(([host, id]) => [host, free.get(id) ?? {}]));
  }

  /** When Placement was asked for it last, by the clock that does not jump. */
  get freeAskedAtMs(): number {
    return this.#free?.askedAtMs ?? 0;
  }

  /** By instance id, what it holds on the host; undefined when Placement does not know the host. */
  async needsOn(host: string, signal?: AbortSignal): Promise<ReadonlyMap<string, Resources> | undefined> {
    const provider = (await this.#providersByHost(PROVIDERS_MS, signal)).get(host);
    return provider === undefined ? undefined : this.#inventory.allocationsOn(provider, signal);
  }

  async groups(signal?: AbortSignal): Promise<readonly ServerGroup[]> {
    this.#groups = await this.#fresh(this.#groups, GROUPS_MS, () => this.#inventory.serverGroups(signal));
    return this.#groups.value;
  }

  /** Reads the images when what is known of them is old. */
  async readImages(signal?: AbortSignal): Promise<void> {
    this.#images = await this.#fresh(this.#images, IMAGES_MS, async () => {
      const images = await this.#inventory.images(signal);
      return new Map(images.map((image) => [image.id, image]));
    });
  }

  get hasImages(): boolean {
    return this.#images !== undefined;
  }

  /** Reads the flavors when what is known of them is old. */
  async readFlavors(signal?: AbortSignal): Promise<void> {
    this.#flavors = await this.#fresh(this.#flavors, IMAGES_MS, () => this.#inventory.flavors(signal));
  }

  /** Some flavor or image has the tag; undefined until both were read. */
  isAnythingTagged(tag: string): boolean | undefined {
    if (this.#flavors === undefined || this.#images === undefined) return undefined;
    if (this.#flavors.value.some((specs) => isTrue(specs[tag]))) return true;
    return [...this.#images.value.values()].some((image) => isTaggedImage(image, tag));
  }

  /** As last read; undefined before that, and for an image that was not there. */
  image(id: string): Image | undefined {
    return this.#images?.value.get(id);
  }

  async #providersByHost(maxAgeMs: number, signal?: AbortSignal): Promise<ReadonlyMap<string, string>> {
    this.#providers = await this.#fresh(this.#providers, maxAgeMs, async () => {
      const hosts = await this.#inventory.providers(signal);
      return new Map([...hosts].map(([id, host]) => [host, id]));
    });
    return this.#providers.value;
  }

  async #fresh<T>(kept: Kept<T> | undefined, maxAgeMs: number, read: () => Promise<T>): Promise<Kept<T>> {
    const askedAtMs = this.#clock.monotonic();
    if (kept !== undefined && askedAtMs - kept.askedAtMs < maxAgeMs) return kept;
    return { value: await read(), askedAtMs };
  }
}
