export interface NotificationLimits {
  /** A notification with the payload of one that was generated at most this long before is a duplicate; in ms. */
  readonly duplicateIntervalMs: number;
  /** How long a report that a host is down waits for a proof before it ends; in ms. */
  readonly claimPatienceMs: number;
}

/** As the configuration has them when it says nothing. */
export const USUAL_LIMITS: NotificationLimits = { duplicateIntervalMs: 180_000, claimPatienceMs: 600_000 };
