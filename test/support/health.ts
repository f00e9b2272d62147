import type { Health } from '../../src/control/protocol.ts';

/** The health of a daemon that has nothing to do, with what differs. */
export function healthOf(different: Partial<Health> = {}): Health {
  return {
    state: 'active',
    version: '0.1.0',
    pid: 4711,
    node: 'ctl1',
    recovering: 0,
    held: 0,
    failed: 0,
    summary: 'active, 0 recovering, 0 held',
    holds: [],
    snapshotAgeMs: 800,
    cloud: 'ok',
    ...different,
  };
}
