import type { ClusterSnapshot } from './snapshot.ts';

/** The cluster as the rest of Lifeboat sees it. Real: `pacemakerCluster`. In the simulator: a virtual one. */
export interface Cluster {
  /** Reads everything. Throws a LifeboatError with a CRM_ code; never returns a half-read state. */
  read(signal?: AbortSignal): Promise<ClusterSnapshot>;
  /** Sets an attribute of the node (shown by crm_mon -A), or removes it when `value` is undefined. */
  writeAttribute(node: string, name: string, value: string | undefined, lifetime?: AttributeLifetime): Promise<void>;
}

/**
 * `transient` (the default): until the node leaves the cluster. `permanent`: in the CIB, until it is removed; it stands
 * there also while the node is gone.
 */
export type AttributeLifetime = 'transient' | 'permanent';
