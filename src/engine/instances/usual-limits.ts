import type { InstanceLimits } from './instance-limits.ts';

/** As the configuration has them when it says nothing. */
export const USUAL_INSTANCE_LIMITS: InstanceLimits = {
  stopTimeoutMs: 180_000,
  startTimeoutMs: 120_000,
  settleMs: 20_000,
  attempts: 3,
  restarts: 3,
  withinMs: 600_000,
  whenExhausted: { kind: 'give-up' },
};
