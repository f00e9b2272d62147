import { setTimeout as pause } from 'node:timers/promises';
import type { CloudLab } from '../../cloud/lab/cloud-lab.ts';
import { askDatabase } from './ask-database.ts';

/** Milliseconds on the monotonic clock. */
export interface Landing {
  readonly id: string;
  /** Undefined: not seen active on another host. */
  readonly runningAtMs: number | undefined;
}

const EVERY_MS = 150;
const HOSTS = 'SELECT uuid, host, vm_state, task_state FROM instances WHERE deleted = 0';

/**
 * Looks into Nova's database, so that watching costs the cloud no call: until every instance is active with no task on
 * another host, or `signal` aborts.
 */
export async function watchInstances(
  cloud: CloudLab,
  victim: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly Landing[]> {
  const runningAtMs = new Map<string, number>();
  while (runningAtMs.size < ids.length && !signal.aborted) {
    const rows = await askDatabase(cloud, 'nova', HOSTS);
    const nowMs = performance.now();
    for (const [id = '', host, vmState, taskState] of rows) {
      const runs = host !== undefined && host !== victim && vmState === 'active' && taskState === undefined;
      if (runs && !runningAtMs.has(id)) runningAtMs.set(id, nowMs);
    }
    await pause(EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return ids.map((id) => ({ id, runningAtMs: runningAtMs.get(id) }));
}

/** The instances that Nova was told to evacuate more than once; none, or something ran twice. */
export async function evacuatedTwice(cloud: CloudLab): Promise<readonly string[]> {
  const rows = await askDatabase(
    cloud,
    'nova',
    "SELECT instance_uuid FROM migrations WHERE migration_type = 'evacuation' GROUP BY instance_uuid HAVING COUNT(*) > 1",
  );
  return rows.map(([id = '']) => id);
}
