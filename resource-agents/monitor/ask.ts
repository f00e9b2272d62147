import { monitorSocketPath } from '../../src/config/paths.ts';
import { exchange, type Exchange } from '../../src/control/exchange.ts';
import type { MonitorStatus } from '../../src/monitor/status.ts';

export type StatusAnswer =
  | { readonly outcome: 'well'; readonly status: Pick<MonitorStatus, 'summary' | 'concerns'> }
  /** Something answered, and it was not the status of a monitor. */
  | { readonly outcome: 'refused'; readonly reason: string }
  | Exclude<Exchange, { outcome: 'answered' }>;

/** What the monitor of this host says of itself. */
export async function askStatus(runtimeDirectory: string, timeoutMs: number): Promise<StatusAnswer> {
  const result = await exchange(monitorSocketPath(runtimeDirectory), '{"op":"status"}', timeoutMs);
  return result.outcome === 'answered' ? read(result.line) : result;
}

function read(line: string): StatusAnswer {
  try {
    const response = JSON.parse(line) as { ok?: unknown; result?: MonitorStatus; error?: { message?: string } } | null;
    const status = response?.result;
    if (response?.ok === true && typeof status?.summary === 'string' && Array.isArray(status.concerns)) {
      return { outcome: 'well', status };
    }
    return { outcome: 'refused', reason: response?.error?.message ?? 'the answer is not a status' };
  } catch {
    return { outcome: 'refused', reason: 'the answer is not JSON' };
  }
}
