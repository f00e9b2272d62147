import type { Cluster } from '../crm/cluster.ts';
import type { ClusterSnapshot } from '../crm/snapshot.ts';
import { messageOf } from '../errors.ts';
import type { Clock, Logger } from '../ports.ts';
import { NODE_ATTRIBUTE, attributeKey, type Attributes } from './desired-attributes.ts';

/** Changes within this time become one write. */
const GATHER_MS = 250;
/** A snapshot shows a write this late at the latest. */
const SETTLE_MS = 3_000;

export interface PublisherPorts {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly desired: () => Attributes;
}

/**
 * Keeps the node attributes that crm_mon shows equal to what is desired. Pacemaker erases a remote node's attributes when
 * its fencing succeeds and when it rejoins, so what a snapshot shows is compared too, and written again.
 */
export class Publisher {
  readonly #ports: PublisherPorts;
  readonly #written = new Map<string, { readonly text: string; readonly atMs: number }>();
  #cancel: (() => void) | undefined;
  #writing = false;
  #again = false;
  #stopped = false;

  constructor(ports: PublisherPorts) {
    this.#ports = ports;
  }

  /** Something that is shown may have changed. */
  touch(): void {
    if (this.#stopped || this.#cancel !== undefined) return;
    this.#cancel = this.#ports.clock.schedule(GATHER_MS, () => {
      this.#cancel = undefined;
      void this.#write();
    });
  }

  /** What the cluster really shows: what was erased is written again, what a former engine left is removed. */
  compare(snapshot: ClusterSnapshot): void {
    const now = this.#ports.clock.monotonic();
    for (const node of snapshot.nodes.values()) {
      const shown = node.attributes.get(NODE_ATTRIBUTE);
      const key = attributeKey(node.name, NODE_ATTRIBUTE);
      const written = this.#written.get(key);
      if (shown === written?.text) continue;
      if (written !== undefined && now - written.atMs < SETTLE_MS) continue;
      if (shown === undefined) this.#written.delete(key);
      else this.#written.set(key, { text: shown, atMs: Number.NEGATIVE_INFINITY });
    }
    this.touch();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  async #write(): Promise<void> {
    if (this.#writing) {
      this.#again = true;
      return;
    }
    this.#writing = true;
    try {
      const desired = this.#ports.desired();
      for (const key of new Set([...desired.keys(), ...this.#written.keys()]))
        await this.#writeOne(key, desired.get(key));
    } finally {
      this.#writing = false;
      if (this.#again) this.touch();
      this.#again = false;
    }
  }

  async #writeOne(key: string, text: string | undefined): Promise<void> {
    if (this.#stopped || this.#written.get(key)?.text === text) return;
    const { cluster, clock, logger } = this.#ports;
    const [node = '', attribute = ''] = key.split('\n');
    try {
      await cluster.writeAttribute(node, attribute, text);
      if (text === undefined) this.#written.delete(key);
      else this.#written.set(key, { text, atMs: clock.monotonic() });
    } catch (error) {
      // Tried again with the next change or snapshot; what is shown is never the only copy.
      logger.debug({ node, attribute, error: messageOf(error) }, `${attribute} of ${node} could not be written`);
    }
  }
}
