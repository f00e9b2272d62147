/** How long things take in the cluster, milliseconds. Measured in a lab cluster, where a source is given. */
export interface ClusterTimings {
  /** Until corosync misses a member: token and consensus. */
  readonly tokenMs: number;
  /** Without a DC, after it was lost. */
  readonly electionMs: number;
  /** From what was noticed to what is begun about it. */
  readonly transitionMs: number;
  /** From a member's return to its being shown as pending, and from that to online. */
  readonly joinMs: number;
  /** A controller that has just joined lists no fencing yet (seen: up to 12 s). */
  readonly historyMs: number;
  /** Until the connection to a process that is gone is missed. */
  readonly connectionResetMs: number;
  /** Until a host that does not answer is missed: the rest of the monitor's interval and its timeout. */
  readonly monitorMs: readonly [least: number, most: number];
  readonly connectMs: number;
  /** Until the start of a connection is given up. */
  readonly startTimeoutMs: number;
  /** How long a BMC takes. */
  readonly fenceMs: number;
  readonly fenceTimeoutMs: number;
  readonly fenceRetryMs: number;
  /** After that many failures in a row Pacemaker gives up, until it looks again. */
  readonly fenceAttempts: number;
  readonly recheckMs: number;
  readonly bootMs: number;
  /** Until Pacemaker's monitor misses a lifeboatd that is gone. */
  readonly engineMonitorMs: number;
  readonly engineStartMs: number;
  readonly engineStopMs: number;
  /** A reading of the cluster's state: its three commands begin and end somewhere within. */
  readonly readMs: number;
}

export const CLUSTER_TIMINGS: ClusterTimings = {
  tokenMs: 2_300,
  electionMs: 900,
  transitionMs: 300,
  joinMs: 1_100,
  historyMs: 8_000,
  connectionResetMs: 60,
  monitorMs: [5_000, 8_000],
  connectMs: 1_200,
  startTimeoutMs: 15_000,
  fenceMs: 300,
  fenceTimeoutMs: 20_000,
  fenceRetryMs: 1_000,
  fenceAttempts: 3,
  recheckMs: 120_000,
  bootMs: 15_000,
  engineMonitorMs: 7_000,
  engineStartMs: 1_500,
  engineStopMs: 1_000,
  readMs: 120,
};
