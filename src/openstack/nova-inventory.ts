import { LifeboatError } from '../errors.ts';
import type { Aggregate, ServerGroup } from './inventory.ts';
import type { NovaCalls } from './nova-calls.ts';
import { listAll } from './paging.ts';
import { isRow, numberAt, objectAt, optionalTextAt, rowsAt, textAt, textsAt, wordsAt } from './rows.ts';
import type { Row } from './rows.ts';

/**
 * From 2.88 on the detailed list asks every nova-compute for its uptime, also the dead ones; before 2.53 a hypervisor has
 * no uuid. Without details it does not say on which host it is, and its own name may differ from that.
 */
const QUICK_HYPERVISORS = 87;

/** Nova host by the hypervisor's uuid, which is the id of its resource provider. */
export async function providers(nova: NovaCalls, signal?: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const what = 'list hypervisors';
  const rows = await listAll(nova, {
    what,
    path: '/os-hypervisors/detail',
    query: {},
    key: 'hypervisors',
    identity: 'id',
    signal,
    atMost: QUICK_HYPERVISORS,
  });
  return new Map(rows.map((row) => [textAt(row, 'id', what), textAt(objectAt(row, 'service', what), 'host', what)]));
}

const PAGE = 1_000;

/** The list has pages without links: the one that brings nothing new is behind the last. */
export async function serverGroups(nova: NovaCalls, signal?: AbortSignal): Promise<readonly ServerGroup[]> {
  const what = 'list server groups';
  const groups = new Map<string, ServerGroup>();
  for (;;) {
    const path = `/os-server-groups?all_projects=True&limit=${PAGE}&offset=${groups.size}`;
    const { body } = await nova.call({ what, method: 'GET', path, signal, repeats: 'safely' });
    const before = groups.size;
    for (const row of rowsAt(body, 'server_groups', what)) groups.set(textAt(row, 'id', what), readGroup(row, what));
    if (groups.size === before) return [...groups.values()];
  }
}

/** `policy` and `rules` from 2.64 on, a list of policies before. */
function readGroup(row: Row, what: string): ServerGroup {
  const policy = row.policy === undefined ? (wordsAt(row, 'policies', what)[0] ?? '') : textAt(row, 'policy', what);
  const rules = isRow(row.rules) ? row.rules : {};
  return {
    id: textAt(row, 'id', what),
    policy,
    maxPerHost: rules.max_server_per_host === undefined ? 1 : numberAt(rules, 'max_server_per_host', what),
    members: wordsAt(row, 'members', what),
  };
}

export async function aggregates(nova: NovaCalls, signal?: AbortSignal): Promise<readonly Aggregate[]> {
  const what = 'list aggregates';
  const { body } = await nova.call({ what, method: 'GET', path: '/os-aggregates', signal, repeats: 'safely' });
  return rowsAt(body, 'aggregates', what).map((row) => ({
    id: String(numberAt(row, 'id', what)),
    name: textAt(row, 'name', what),
    zone: optionalTextAt(row, 'availability_zone', what),
    hosts: wordsAt(row, 'hosts', what),
    metadata: textsAt(row, 'metadata', what),
  }));
}

export async function changeAggregate(
  nova: NovaCalls,
  action: 'add_host' | 'remove_host',
  aggregateId: string,
  host: string,
  signal?: AbortSignal,
): Promise<void> {
  const what = `${action === 'add_host' ? 'add' : 'remove'} host ${host} ${action === 'add_host' ? 'to' : 'from'} aggregate ${aggregateId}`;
  const path = `/os-aggregates/${encodeURIComponent(aggregateId)}/action`;
  await nova.call({ what, method: 'POST', path, body: { [action]: { host } }, signal, repeats: 'once' });
}

/** A list of flavors has their extra specs from 2.61 on. */
const WITH_SPECS = 61;

/** Before 2.61 it would take a question for each flavor: CLOUD_TOO_OLD. */
export async function flavors(
  nova: NovaCalls,
  signal?: AbortSignal,
): Promise<readonly Readonly<Record<string, string>>[]> {
  const what = 'list flavors';
  const { microversion } = await nova.ready(signal);
  if (microversion.minor < WITH_SPECS) {
    throw new LifeboatError('CLOUD_TOO_OLD', `${what}: extra specs are shown from 2.${WITH_SPECS} on`);
  }
  const query = { is_public: 'None' };
  const rows = await listAll(nova, { what, path: '/flavors/detail', query, key: 'flavors', identity: 'id', signal });
  return rows.map((row) => textsAt(row, 'extra_specs', what));
}
