export interface ProcessLimits {
  /** Processes without which the host is of no use for new instances, as a monitor names them. */
  readonly processes: readonly string[];
  /** Without a report that it runs again: nova-compute heard for so long is well, ms. */
  readonly wellAfterMs: number;
  /** A call that shows no effect for this long is sent again, ms. */
  readonly settleMs: number;
  readonly attempts: number;
  /** A report that Nova neither confirms nor denies for this long is failed, ms. */
  readonly patienceMs: number;
}

/** As the configuration has them when it says nothing. */
export const USUAL_PROCESS_LIMITS: ProcessLimits = {
  processes: ['nova-compute'],
  wellAfterMs: 120_000,
  settleMs: 20_000,
  attempts: 3,
  patienceMs: 600_000,
};

/** Whether heartbeats tell that it runs: nova-compute sends them; it goes on sending them without libvirtd. */
export function isNovaCompute(process: string): boolean {
  return /nova[-_]compute/.test(process);
}
