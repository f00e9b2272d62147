import type { Policy } from './policy.ts';

/** What matching needs of a node; a ClusterNode is one. */
export interface NamedNode {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

export type HostMatch =
  | { readonly kind: 'matched'; readonly host: string }
  /** Nova was not read yet, so no name can be checked. */
  | { readonly kind: 'unread' }
  /** No Nova host of that name. `wanted`: the name that the map or the attribute gives, if one does. */
  | { readonly kind: 'none'; readonly wanted: string | undefined }
  /** One node and several hosts, or several nodes and one host. */
  | { readonly kind: 'ambiguous'; readonly nodes: readonly string[]; readonly hosts: readonly string[] };

/** The match of one node among all; for many nodes use `matchHosts`, which is linear. */
export function matchHost(name: string, nodes: Iterable<NamedNode>, policy: Policy): HostMatch {
  return matchHosts(nodes, policy).get(name) ?? { kind: 'none', wanted: undefined };
}

/**
 * Invariant: a `matched` host belongs to one node only, and is spelled as Nova spells it.
 *
 * In this order: `hosts.map`, the node attribute, the same name, a short name against a fully qualified one (both ways).
 * Upper and lower case are the same, as for Nova on MySQL. The first two are an operator's word: when Nova does not know
 * that host, no other name is tried.
 */
export function matchHosts(nodes: Iterable<NamedNode>, policy: Policy): ReadonlyMap<string, HostMatch> {
  const matches = new Map<string, HostMatch>();
  if (policy.novaHosts === undefined) {
    for (const node of nodes) matches.set(node.name, { kind: 'unread' });
    return matches;
  }
  const directory = indexHosts(policy.novaHosts);
  const ignored = new Set(policy.ignoredNodes);
  const claims = new Map<string, string[]>();
  for (const node of nodes) {
    const match = matchAlone(node, directory, policy);
    matches.set(node.name, match);
    if (match.kind !== 'matched' || ignored.has(node.name)) continue;
    claims.set(match.host, [...(claims.get(match.host) ?? []), node.name]);
  }
  for (const [host, claimants] of claims) {
    if (claimants.length < 2) continue;
    for (const name of claimants) matches.set(name, { kind: 'ambiguous', nodes: claimants, hosts: [host] });
  }
  return matches;
}

interface HostDirectory {
  readonly byName: ReadonlyMap<string, readonly string[]>;
  readonly byShortName: ReadonlyMap<string, readonly string[]>;
}

function indexHosts(hosts: readonly string[]): HostDirectory {
  const byName = new Map<string, string[]>();
  const byShortName = new Map<string, string[]>();
  for (const host of new Set(hosts)) {
    append(byName, fold(host), host);
    if (isQualified(host)) append(byShortName, shortName(host), host);
  }
  return { byName, byShortName };
}

function matchAlone(node: NamedNode, directory: HostDirectory, policy: Policy): HostMatch {
  const wanted = wantedHost(node, policy);
  if (wanted !== undefined) return chosenFrom(node.name, directory.byName.get(fold(wanted)), wanted);
  const same = directory.byName.get(fold(node.name));
  if (same !== undefined) return chosenFrom(node.name, same, undefined);
  const alike = isQualified(node.name)
    ? directory.byName.get(shortName(node.name))
    : directory.byShortName.get(fold(node.name));
  return chosenFrom(node.name, alike, undefined);
}

function wantedHost(node: NamedNode, policy: Policy): string | undefined {
  if (Object.hasOwn(policy.hostMap, node.name)) return policy.hostMap[node.name];
  const attribute = node.attributes.get(policy.hostAttribute)?.trim();
  return attribute === undefined || attribute === '' ? undefined : attribute;
}

function chosenFrom(node: string, hosts: readonly string[] | undefined, wanted: string | undefined): HostMatch {
  const [host, ...others] = hosts ?? [];
  if (host === undefined) return { kind: 'none', wanted };
  // Two Nova hosts may differ in case only; an exact spelling then decides.
  const exact = hosts?.find((candidate) => candidate === (wanted ?? node));
  if (exact !== undefined) return { kind: 'matched', host: exact };
  return others.length === 0
    ? { kind: 'matched', host }
    : { kind: 'ambiguous', nodes: [node], hosts: [host, ...others] };
}

function append(index: Map<string, string[]>, key: string, host: string): void {
  const hosts = index.get(key);
  if (hosts === undefined) index.set(key, [host]);
  else hosts.push(host);
}

const fold = (name: string): string => name.toLowerCase();

const shortName = (name: string): string => fold(name).split('.', 1)[0] ?? '';

/** An IPv4 address has dots and no short name. */
const isQualified = (name: string): boolean => name.includes('.') && !/^[\d.]+$/.test(name);
