export interface RestartLimits {
  /** How often a process is restarted within the window; 0: never. */
  readonly attempts: number;
  /** From the report to the first restart, ms; doubled for each further one. */
  readonly firstMs: number;
  readonly windowMs: number;
}

export interface ProcessLimits {
  /** It runs again when it has run for so long without a break, ms. */
  readonly steadyMs: number;
  /** What is neither well nor failed for so long has failed, ms. */
  readonly patienceMs: number;
  readonly restarts: RestartLimits;
}

/** No restarts: systemd's own Restart= is there for that, and knows more. */
export const USUAL_PROCESS_LIMITS: ProcessLimits = {
  steadyMs: 10_000,
  patienceMs: 120_000,
  restarts: { attempts: 0, firstMs: 5_000, windowMs: 600_000 },
};
