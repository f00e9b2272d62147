import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { endDaemons } from '../daemon/end.ts';
import { MONITOR } from '../installed.ts';
import { OCF, type Outcome } from '../ocf.ts';
import type { MonitorCall } from './parameters.ts';
import { hide } from './show.ts';

/**
 * Ends the monitor. A stop that fails gets this compute host fenced, with all that runs on it: it fails only when the
 * process does not even end when it is killed.
 */
export async function stop(call: MonitorCall): Promise<Outcome> {
  const failure = await endDaemons(MONITOR, 'lifeboat-monitor', call.timeoutMs);
  if (failure !== undefined) return failure;
  await hide();
  rmSync(join(call.parameters.runtime_directory, 'shown'), { force: true });
  return { code: OCF.ok };
}
