import type { Cluster } from '../crm/cluster.ts';
import type { ClusterSnapshot } from '../crm/snapshot.ts';
import { messageOf } from '../errors.ts';
import type { Clock, Logger } from '../ports.ts';
import { attributeKey, isOurs, type Attributes } from './desired-attributes.ts';

/** Changes within this time become one write. */
const GATHER_MS = 250;
/** A snapshot shows a write this late at the latest. */
const SETTLE_MS = 3_000;

export interface PublisherPorts {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly logger: Logger;
  /** `nothing`: it is not for us to write or to remove any. */
  readonly desired: () => Attributes | 'nothing';
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
    for (const node of snapshot.nodes.values()) {
      // crm_mon shows no attributes of an offline node, whatever they are.
      if (!node.online) continue;
      const ours = [...node.attributes].filter(([name]) => isOurs(name));
      for (const [name, text] of ours) this.#found(attributeKey(node.name, name), text);
      const shown = new Set(ours.map(([name]) => attributeKey(node.name, name)));
      for (const key of this.#written.keys()) {
        if (key.startsWith(`${node.name}\n`) && !shown.has(key)) this.#found(key, undefined);
      }
    }
    this.touch();
  }

  /** A write of ours may not be in the snapshot yet. */
  #found(key: string, text: string | undefined): void {
    const written = this.#written.get(key);
    const now = this.#ports.clock.monotonic();
    if (written?.text === text || (written !== undefined && now - written.atMs < SETTLE_MS)) return;
    if (text === undefined) this.#written.delete(key);
    else this.#written.set(key, { text, atMs: Number.NEGATIVE_INFINITY });
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
      if (desired === 'nothing') return;
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
