import type { MonitorNotification } from '../notification.ts';

export interface ProcessEvent {
  readonly hostname: string;
  /** Of the process. */
  readonly name: string;
  readonly event: 'STARTED' | 'STOPPED';
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** As masakari-processmonitor words it; that one knows STOPPED only. */
export function processNotification({ atMs, event, hostname, name }: ProcessEvent): MonitorNotification {
  return {
    type: 'PROCESS',
    hostname,
    generated_time: new Date(atMs).toISOString().slice(0, -1),
    payload: { event, process_name: name },
  };
}
