import type { Proof } from './proof.ts';

/**
 * What the bridge says of one node that may host instances, from one snapshot. One union instead of flags: a node is in
 * exactly one of these.
 */
export type Verdict =
  | { readonly state: 'up'; readonly node: string; readonly host: string | undefined }
  /** Not taking part, on purpose or for a reason that is not a failure (S8). */
  | { readonly state: 'hands-off'; readonly node: string; readonly host: string | undefined; readonly reason: string }
  /** Lost, and no proof yet: nothing may be evacuated. */
  | {
      readonly state: 'lost';
      readonly node: string;
      readonly host: string | undefined;
      readonly lostSinceMs: number;
      readonly hold: Hold;
    }
  /** Lost and proven down: its instances may be evacuated. `host` is known here, else it is a hold. */
  | {
      readonly state: 'proven';
      readonly node: string;
      readonly host: string;
      readonly lostSinceMs: number;
      readonly proof: Proof;
    };

/** Why nothing is done. A closed list: docs, metrics and tests name each of them. */
export const HOLDS = {
  'no-quorum': 'this partition has no quorum',
  'no-dc': 'the cluster has no DC',
  'fencing-disabled': 'fencing is disabled, so no host can be proven down',
  'not-fenced': 'the node is lost and nothing has fenced it yet',
  'fencing-pending': 'the fencing is under way',
  'fencing-failed': 'the fencing failed',
  'human-not-accepted': 'a human said that the node is down, and the policy does not accept that',
  'host-unknown': 'the node cannot be matched to one Nova host',
  returned: 'the node was fenced and came back before its recovery began',
  heartbeat: 'nova-compute of the fenced host is still alive: the fencing lied',
  'cloud-unavailable': 'Nova or Keystone does not answer',
  'store-unusable': 'the engine cannot write down what it would do, and does nothing that it could forget',
  'no-lease': 'another engine may still be at work, and only the one that holds the lease of the store acts',
  'segment-disabled': 'the segment of the host is disabled',
  'host-on-maintenance': 'an operator has set the host on maintenance in its segment',
  paused: 'Lifeboat is paused',
  storm: 'more hosts are lost than the storm guard allows, so nothing new is begun',
  flapping: 'the host has failed too often, and is not given back before an operator says so',
  'gate-was-open': 'the gate may have let nova-compute of the host start since its moves ended',
  'masakari-unavailable': 'Masakari does not answer, and is not told of the failure yet',
  'masakari-refused': 'Masakari does not take the report of the failure',
} as const;

export type HoldKind = keyof typeof HOLDS;

export interface Hold {
  readonly kind: HoldKind;
  /** What happened, with names and numbers, in one line without a full stop. */
  readonly reason: string;
  /** What would end it: a command or an act of the operator; undefined when waiting is all there is. */
  readonly remedy: string | undefined;
}
