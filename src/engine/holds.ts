import type { Hold } from '../bridge/verdict.ts';
import type { Recovery } from './recovery.ts';

/** The holds that only the engine can give; the bridge's are in bridge/hold.ts. */

export function heartbeatHold(recovery: Recovery, unmoved: number): Hold {
  const { host, node } = recovery;
  return {
    kind: 'heartbeat',
    reason: `nova-compute on ${host} is alive after its fencing; ${unmoved} instances are not moved, they may be running there`,
    remedy: `power ${node} off by hand, then: stonith_admin --confirm ${node}`,
  };
}

export function unknownHostHold({ host, node }: Recovery): Hold {
  return {
    kind: 'host-unknown',
    reason: `Nova has no compute service on ${host}`,
    remedy: `write the Nova host of node ${node} under hosts.map in lifeboat.yaml`,
  };
}

/** After a retry of a recovery whose moves had ended. */
export function gateWasOpenHold({ host, node }: Recovery): Hold {
  return {
    kind: 'gate-was-open',
    reason: `the moves of ${host} had ended, so its nova-compute may have been let in: only a new fencing proves it down`,
    remedy: `stonith_admin --reboot ${node}; or when it is surely off: stonith_admin --confirm ${node}`,
  };
}
