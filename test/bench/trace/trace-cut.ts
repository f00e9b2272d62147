import { nodeCgroup, layoutOf } from '../../cluster/lab/layout.ts';
import type { Rig } from '../../cluster/rig/rig.ts';
import type { FollowedCut } from '../follow-cut.ts';
import { breakdownOf, type Breakdown } from './breakdown.ts';
import { logMoments } from './log-moments.ts';
import { watchProcesses } from './processes.ts';

const PACEMAKER_LOG = '/var/log/pacemaker/pacemaker.log';

/** Runs one cut while watching the engine's node; undefined when the cut did not come as far as an evacuation. */
export async function traceCut(
  rig: Rig,
  host: string,
  cutNow: () => Promise<FollowedCut>,
): Promise<{ readonly followed: FollowedCut; readonly breakdown: Breakdown | undefined }> {
  const node = (await rig.engineNode()) ?? 'ctl1';
  const watch = watchProcesses(nodeCgroup(layoutOf(rig.lab.name, rig.lab.dir), node));
  const followed = await cutNow();
  const spans = await watch.stop();
  const { fencedAtMs, firstAcceptedAtMs } = followed.cut;
  if (fencedAtMs === undefined || firstAcceptedAtMs === undefined) return { followed, breakdown: undefined };
  const [pacemakerLog, daemonLog] = await Promise.all([
    rig.lab.exec(node, ['grep', '-E', '(finalize_op|process_lrmd_alert_exec)', PACEMAKER_LOG]),
    rig.log(),
  ]);
  const moments = logMoments(pacemakerLog.stdout, daemonLog, host, fencedAtMs);
  return { followed, breakdown: breakdownOf(fencedAtMs, firstAcceptedAtMs, moments, spans) };
}
