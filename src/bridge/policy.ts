/** What the operator configured, and what Nova said, as far as deciding needs it. */
export interface Policy {
  /** Whether `stonith_admin --confirm` (or a fencing that may have been one) counts as a proof. */
  readonly acceptHumanConfirmation: boolean;
  /** Configuration `hosts.map`: node name → Nova host. */
  readonly hostMap: Readonly<Record<string, string>>;
  /** Name of the node attribute that carries a Nova host, usually `lifeboat-host`. */
  readonly hostAttribute: string;
  /** Nodes that Lifeboat leaves alone, by name. */
  readonly ignoredNodes: readonly string[];
  /** Every host with a nova-compute service, spelled as Nova spells it; undefined while Nova was not yet read. */
  readonly novaHosts: readonly string[] | undefined;
  readonly paused: boolean;
}
