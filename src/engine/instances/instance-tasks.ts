import type { Notice } from '../registry/notice.ts';
import type { WorkflowTask } from '../registry/registry.ts';
import { readWork } from './work.ts';

/** As Masakari names them. */
export function instanceTasks({ createdAtMs, message, status, updatedAtMs, work }: Notice): readonly WorkflowTask[] {
  const step = readWork(work, createdAtMs).step;
  if (work === undefined) return [];
  const atMs = updatedAtMs ?? createdAtMs;
  // A migration has no task in Masakari: it is part of what starts the instance.
  const isStarting = step !== 'looking' && step !== 'stopping';
  const ended = status === 'finished' ? 'SUCCESS' : status === 'failed' ? 'FAILURE' : undefined;
  const task = (name: string, state: WorkflowTask['state'], text: string): WorkflowTask => {
    const progress = state === 'SUCCESS' ? 1 : 0;
    return { name, state, progress, steps: [{ atMs, message: text, progress }] };
  };
  return [
    task(
      'stop_instance_task',
      isStarting ? 'SUCCESS' : (ended ?? 'RUNNING'),
      isStarting ? 'it is stopped' : (message ?? ''),
    ),
    ...(isStarting ? [task('start_instance_task', ended ?? 'RUNNING', message ?? '')] : []),
  ];
}
