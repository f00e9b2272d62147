import type { Hold, Verdict } from '../bridge/verdict.ts';
import type { ComputeService } from '../openstack/cloud.ts';
import { isUnfinished, keepsOut, type Recovery } from './recovery.ts';

/**
 * What asks: nova-compute cleans up what was evacuated from its host when it starts, so it may start as soon as the moves
 * have ended, and must, for Nova does not let the host be given back before. `guests` is whatever starts guests without
 * asking Nova (libvirt-guests): it waits until the host was given back, for an evacuated guest may still lie there.
 */
export const GATE_PURPOSES = ['nova-compute', 'guests'] as const;
export type GatePurpose = (typeof GATE_PURPOSES)[number];

/** Whether it may start. The reason and the remedy are whole sentences' worth of words, without a full stop. */
export interface GateAnswer {
  /** `unknown`: in doubt. Whoever asks decides what that means; by default it means no. */
  readonly gate: 'open' | 'closed' | 'unknown';
  readonly reason: string;
  /** What would end it: an act of the operator; undefined when waiting is all there is. */
  readonly remedy?: string;
  /** Since when it is so, milliseconds since the epoch; undefined when that is not known. */
  readonly sinceMs?: number;
}

/** What the engine knows at one moment. */
export interface GateView {
  /** Why the engine would do nothing now: then it also knows nothing for sure. */
  readonly forbidden: Hold | undefined;
  /** What a former engine left was read, from the store and from Nova. */
  readonly takenUp: boolean;
  /** Newest first. */
  readonly recoveries: readonly Recovery[];
  readonly verdicts: readonly Verdict[];
  readonly unwritten: ReadonlyMap<string, Hold>;
  /** Undefined until Nova was read once. */
  readonly services: readonly ComputeService[] | undefined;
}

/**
 * Invariant: never `open` for nova-compute while an evacuation from the host may still be sent, and never `open` for
 * guests while the host is kept out. The table stands in docs/decisions/0027-the-gate.md, in this order.
 */
export function judgeGate(asked: string, purpose: GatePurpose, view: GateView): GateAnswer {
  const { forbidden, services, takenUp } = view;
  if (forbidden !== undefined) return { gate: 'unknown', reason: forbidden.reason, ...remedyOf(forbidden.remedy) };
  if (services === undefined) return unknown('the engine has not read the compute services of Nova yet');
  if (!takenUp) return unknown('the engine has just started and does not know yet what is owed');
  const spelling = findHost(asked, [...services.map((service) => service.host), ...view.recoveries.map(hostOf)]);
  if (spelling.kind === 'alike') return misspelt(asked, spelling.hosts);
  const ofNode =
    spelling.kind === 'found' ? [] : hostsOfNode(asked, [...view.recoveries.filter(keepsOut), ...view.verdicts]);
  if (ofNode.length > 0) return misspelt(asked, ofNode);
  const host = spelling.kind === 'found' ? spelling.host : asked;
  const unwritten = view.unwritten.get(host);
  if (unwritten !== undefined) {
    return {
      gate: 'closed',
      reason: `${host} is proven down, and its recovery cannot be written down`,
      ...remedyOf(unwritten.remedy),
    };
  }
  const recovery = view.recoveries.find((one) => one.host === host && keepsOut(one));
  if (recovery !== undefined) return byRecovery(recovery, purpose);
  const verdict = view.verdicts.find((one) => isAbout(one, host));
  const byCluster = verdict === undefined ? undefined : byVerdict(host, verdict);
  if (byCluster !== undefined) return byCluster;
  const forcedDown = services.some((service) => service.host === host && service.forcedDown);
  if (purpose === 'guests' && forcedDown) return closed(`${host} is forced down in Nova`, LIFT);
  if (spelling.kind === 'none') return open(`Nova has no nova-compute on ${host} yet, so nothing was placed there`);
  if (verdict === undefined) return open(`${host} is no node of the cluster, so Lifeboat does not recover it`);
  return open(verdict.state === 'hands-off' ? `${host} is left alone: ${verdict.reason}` : `${host} is not recovered`);
}

const LIFT = 'when nothing is evacuated from it: openstack compute service set --up HOST nova-compute';

function byRecovery(recovery: Recovery, purpose: GatePurpose): GateAnswer {
  const { host, hold, state } = recovery;
  if (isUnfinished(recovery)) {
    const reason =
      hold === undefined ? `${host} is being recovered (${state})` : `the recovery of ${host} is held: ${hold.reason}`;
    return { gate: 'closed', reason, sinceMs: recovery.createdAtMs, ...remedyOf(hold?.remedy) };
  }
  const since = recovery.endedAtMs === undefined ? {} : { sinceMs: recovery.endedAtMs };
  return { ...afterTheMoves(host, purpose), ...since };
}

/** The moves have ended and the host is still kept out: said by the engine, or by its mark in Nova. */
export function afterTheMoves(host: string, purpose: GatePurpose): GateAnswer {
  if (purpose === 'nova-compute')
    return open(`every move from ${host} has ended; nova-compute cleans up when it starts`);
  return closed(`${host} is not given back yet, so evacuated guests may still lie on it`, 'start nova-compute on it');
}

/** Undefined when the cluster says nothing against it. */
function byVerdict(host: string, verdict: Verdict): GateAnswer | undefined {
  switch (verdict.state) {
    case 'proven':
      return {
        gate: 'closed',
        reason: `${host} was fenced by ${verdict.proof.by} and its recovery begins`,
        sinceMs: verdict.lostSinceMs,
      };
    case 'lost':
      return {
        gate: 'closed',
        reason: `${verdict.node} is lost to the cluster: ${verdict.hold.reason}`,
        remedy: verdict.hold.remedy ?? `start pacemaker_remote (or the cluster) on ${verdict.node}`,
        sinceMs: verdict.lostSinceMs,
      };
    case 'up':
    case 'hands-off':
      return undefined;
  }
}

/** A node that could not be matched to a host may be this one all the same. */
function isAbout(verdict: Verdict, host: string): boolean {
  return verdict.host === undefined ? shortName(verdict.node) === shortName(host) : verdict.host === host;
}

export type HostSpelling =
  | { readonly kind: 'found'; readonly host: string }
  /** None of that name, but of the same short name: one of the two is written wrongly. */
  | { readonly kind: 'alike'; readonly hosts: readonly string[] }
  | { readonly kind: 'none' };

/** The host as Nova spells it. Upper and lower case are the same, as for Nova on MySQL. */
export function findHost(asked: string, hosts: readonly string[]): HostSpelling {
  const found = hosts.find((host) => host === asked) ?? hosts.find((host) => fold(host) === fold(asked));
  if (found !== undefined) return { kind: 'found', host: found };
  const alike = [...new Set(hosts.filter((host) => shortName(host) === shortName(asked)))];
  return alike.length > 0 ? { kind: 'alike', hosts: alike } : { kind: 'none' };
}

export function misspelt(asked: string, hosts: readonly string[]): GateAnswer {
  return {
    gate: 'unknown',
    reason: `Nova has no host ${asked}, but ${hosts.join(', ')}`,
    remedy: 'say --host or gate.host as Nova spells it',
  };
}

/**
 * What Nova calls the host of that node, when the machine asks by the node's name: whoever is not known by that name would
 * else seem to be new to Nova, and be let in during its own recovery.
 */
export function hostsOfNode(
  asked: string,
  known: readonly { readonly node: string; readonly host: string | undefined }[],
): readonly string[] {
  const ofNode = known.filter(({ node }) => shortName(node) === shortName(asked));
  return [...new Set(ofNode.flatMap(({ host }) => host ?? []))];
}

function hostOf(recovery: Recovery): string {
  return recovery.host;
}

function open(reason: string): GateAnswer {
  return { gate: 'open', reason };
}

function closed(reason: string, remedy: string): GateAnswer {
  return { gate: 'closed', reason, remedy };
}

function unknown(reason: string): GateAnswer {
  return { gate: 'unknown', reason };
}

function remedyOf(remedy: string | undefined): { readonly remedy?: string } {
  return remedy === undefined ? {} : { remedy };
}

const fold = (name: string): string => name.toLowerCase();

/** An IPv4 address has dots, and no short name but itself. */
const shortName = (name: string): string => (/^[\d.]+$/.test(name) ? name : (fold(name).split('.', 1)[0] ?? ''));
