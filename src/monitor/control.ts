import type { MonitorStatus } from './status.ts';

/** What can be asked of a monitor, over its socket: one line of JSON. */
export const MONITOR_OPS = ['status', 'retry', 'forget'] as const;
export type MonitorOp = (typeof MONITOR_OPS)[number];

export interface MonitorHandlers {
  readonly status: () => MonitorStatus;
  /** Sends again what was put aside, and what waits now. Answers how much was put aside. */
  readonly retry: () => number;
  /** Takes what was put aside off the list. Answers how much it was. */
  readonly forget: () => number;
}

export type MonitorResponse =
  | { readonly ok: true; readonly result: MonitorStatus | { readonly count: number } }
  | { readonly ok: false; readonly error: { readonly message: string } };

/** More is no request. Characters. */
export const MONITOR_REQUEST_LIMIT = 1_024;

export function answerMonitor(line: string, handlers: MonitorHandlers): MonitorResponse {
  switch (opOf(line)) {
    case 'status':
      return { ok: true, result: handlers.status() };
    case 'retry':
      return { ok: true, result: { count: handlers.retry() } };
    case 'forget':
      return { ok: true, result: { count: handlers.forget() } };
    case undefined:
      return { ok: false, error: { message: `op must be one of ${MONITOR_OPS.join(', ')}` } };
  }
}

function opOf(line: string): MonitorOp | undefined {
  try {
    const request = JSON.parse(line) as { readonly op?: unknown } | null;
    return MONITOR_OPS.find((op) => op === request?.op);
  } catch {
    return undefined;
  }
}
