import type { Notice } from '../registry/notice.ts';
import type { WorkflowTask } from '../registry/registry.ts';
import { readProcessWork } from './process-work.ts';

/** How far the answer to a report is, as Masakari names it; nothing was called: no tasks. */
export function processTasks({
  createdAtMs,
  message,
  payload,
  status,
  updatedAtMs,
  work,
}: Notice): readonly WorkflowTask[] {
  if (payload['event'] === 'STARTED' || readProcessWork(work, createdAtMs).tries === 0) return [];
  const confirmed = status === 'finished' ? 'SUCCESS' : status === 'failed' ? 'FAILURE' : 'RUNNING';
  const progress = confirmed === 'SUCCESS' ? 1 : 0;
  const step = { atMs: updatedAtMs ?? createdAtMs, message: message ?? '', progress };
  return [
    { name: 'disable_compute_node_task', state: confirmed, progress, steps: [step] },
    {
      name: 'confirm_compute_node_disabled_task',
      state: confirmed === 'RUNNING' ? 'PENDING' : confirmed,
      progress,
      steps: confirmed === 'RUNNING' ? [] : [step],
    },
  ];
}
