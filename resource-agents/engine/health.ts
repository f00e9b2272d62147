import { socketPath } from '../../src/config/paths.ts';
import { exchange, type Exchange } from '../../src/control/exchange.ts';
import type { Health } from '../../src/control/protocol.ts';

export type HealthAnswer =
  | { readonly outcome: 'healthy'; readonly health: Health }
  /** Something answered, and it was not the health of a daemon. */
  | { readonly outcome: 'refused'; readonly reason: string }
  | Exclude<Exchange, { outcome: 'answered' }>;

/** What the daemon of this node says of itself. */
export async function askHealth(runtimeDirectory: string, timeoutMs: number): Promise<HealthAnswer> {
  const result = await exchange(socketPath(runtimeDirectory), '{"op":"health"}', timeoutMs);
  return result.outcome === 'answered' ? read(result.line) : result;
}

function read(line: string): HealthAnswer {
  try {
    const response = JSON.parse(line) as { ok?: unknown; result?: Health; error?: { message?: string } } | null;
    const health = response?.result;
    if (response?.ok === true && typeof health?.pid === 'number' && Array.isArray(health.holds)) {
      return { outcome: 'healthy', health };
    }
    return { outcome: 'refused', reason: response?.error?.message ?? 'the answer is not a health' };
  } catch {
    return { outcome: 'refused', reason: 'the answer is not JSON' };
  }
}
