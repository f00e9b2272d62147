import { OCF, type Outcome } from '../ocf.ts';
import { askStatus, type StatusAnswer } from './ask.ts';
import type { MonitorCall } from './parameters.ts';
import { show } from './show.ts';

/** A monitor that needs longer for one line hangs. */
const PATIENCE_MS = 10_000;

/** Whether the monitor runs, and what an operator must know of it; crm_mon is shown what it says of itself. */
export async function monitor(call: MonitorCall): Promise<Outcome> {
  const patienceMs = Math.min(PATIENCE_MS, Math.max(500, call.timeoutMs * 0.7));
  const answer = await askStatus(call.parameters.runtime_directory, patienceMs);
  // A probe asks whether it runs, and changes nothing.
  if (answer.outcome === 'well' && call.intervalMs > 0) await show(answer.status.summary, call);
  return judge(answer, call);
}

export function judge(answer: StatusAnswer, { intervalMs }: Pick<MonitorCall, 'intervalMs'>): Outcome {
  switch (answer.outcome) {
    case 'well': {
      const [first, ...more] = answer.status.concerns;
      // 190 would be shown as a failed probe.
      if (intervalMs === 0 || first === undefined) return { code: OCF.ok };
      return { code: OCF.degraded, reason: more.length > 0 ? `${first} (and ${more.length} more)` : first };
    }
    case 'absent':
      return { code: OCF.notRunning };
    case 'silent':
      return {
        code: OCF.failed,
        reason: `lifeboat-monitor is there but hangs: no answer in ${Math.round(answer.waitedMs / 100) / 10} s`,
      };
    case 'forbidden':
      return { code: OCF.forbidden, reason: 'the agent may not open the control socket of lifeboat-monitor' };
    case 'broken':
    case 'refused':
      return { code: OCF.failed, reason: `lifeboat-monitor gave no status: ${answer.reason}` };
  }
}
