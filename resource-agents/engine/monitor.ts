import type { Health } from '../../src/control/protocol.ts';
import { fits, OCF, type Outcome } from '../ocf.ts';
import { askHealth, type HealthAnswer } from './health.ts';
import type { Call } from './parameters.ts';

/** Older than twice the longest poll interval that the configuration allows: the daemon no longer sees the cluster. */
const STALE_SNAPSHOT_MS = 120_000;
/** A daemon that runs for longer than this without a first snapshot never saw the cluster. */
const FIRST_SNAPSHOT_MS = 120_000;

/** A daemon that needs longer than this for one line is no use in a failure, whatever the timeout of the monitor is. */
const PATIENCE_MS = 10_000;

/**
 * Whether the daemon runs, and what an operator must know of it. Depth 0: it answers. Depth 10: it also sees the
 * cluster and the cloud. A cloud that does not answer only degrades: a restart would not bring it back, and would cut
 * off what is in flight.
 */
export async function monitor(call: Call): Promise<Outcome> {
  const patienceMs = Math.min(PATIENCE_MS, Math.max(500, call.timeoutMs * 0.7));
  return judge(await askHealth(call.parameters.runtime_directory, patienceMs), call);
}

export function judge(answer: HealthAnswer, call: Call): Outcome {
  switch (answer.outcome) {
    case 'healthy':
      return judgeHealth(answer.health, call);
    case 'absent':
      return { code: OCF.notRunning };
    case 'silent':
      return {
        code: OCF.failed,
        reason: `lifeboatd is there but hangs: no answer in ${Math.round(answer.waitedMs / 100) / 10} s`,
      };
    case 'forbidden':
      return { code: OCF.forbidden, reason: 'the agent may not open the control socket of lifeboatd' };
    case 'broken':
    case 'refused':
      return { code: OCF.failed, reason: `lifeboatd gave no health: ${answer.reason}` };
  }
}

function judgeHealth(health: Health, call: Call): Outcome {
  if (health.state === 'deposed') {
    const why = health.holds[0]?.reason ?? 'another engine has taken the lease';
    const told = `lifeboatd was deposed: ${why}`;
    return { code: OCF.failed, reason: fits(told) ? told : 'lifeboatd was deposed by another engine; see its log' };
  }
  if (call.depth >= 10 && health.snapshotAgeMs !== undefined && health.snapshotAgeMs > STALE_SNAPSHOT_MS) {
    const seconds = Math.round(health.snapshotAgeMs / 1_000);
    return { code: OCF.failed, reason: `lifeboatd last saw the whole cluster ${seconds} s ago; see its log` };
  }
  // A daemon of an older version does not say how long it has run.
  if (call.depth >= 10 && health.snapshotAgeMs === undefined && (health.uptimeMs ?? 0) > FIRST_SNAPSHOT_MS) {
    const seconds = Math.round((health.uptimeMs ?? 0) / 1_000);
    return {
      code: OCF.failed,
      reason: `lifeboatd has run for ${seconds} s and has not seen the cluster yet; see its log`,
    };
  }
  // A probe only asks whether it runs; 190 there would be shown as a failed probe.
  if (call.intervalMs === 0) return { code: OCF.ok };
  // Nothing is protected while it lasts, and whoever paused it may have gone home.
  if (health.paused !== undefined) return { code: OCF.degraded, reason: describePause(health.paused) };
  if (health.held > 0) return { code: OCF.degraded, reason: describeHolds(health) };
  if (call.depth >= 10 && health.cloud === 'unavailable') {
    return { code: OCF.degraded, reason: 'Keystone or Nova does not answer lifeboatd; see: lifeboat status' };
  }
  return { code: OCF.ok };
}

function describePause(paused: string): string {
  const told = `paused ${paused}; do: lifeboat resume`;
  return fits(told) ? told : 'paused; do: lifeboat resume (why: lifeboat status)';
}

/**
 * The first hold, because it is the most urgent; how many more there are; what to do. A remedy that Pacemaker would cut
 * is not begun: half a sentence about confirming a fencing is worse than none. `lifeboat status` has all of it.
 */
function describeHolds({ held, holds }: Health): string {
  const first = holds[0];
  if (first === undefined) return `${held} held; see: lifeboat status`;
  const more = held > 1 ? ` (and ${held - 1} more)` : '';
  const told = `held: ${first.host}: ${first.reason}${more}`;
  const short = `held: ${first.host}: ${first.inShort}${more}`;
  const wanted =
    first.remedy === undefined ? [told] : [`${told}; do: ${first.remedy}`, `${short}; do: ${first.remedy}`];
  const pointer = 'see: lifeboat status';
  return [...wanted, `${told}; ${pointer}`].find(fits) ?? `${short}; ${pointer}`;
}
