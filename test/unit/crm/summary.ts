import type { CrmMon } from '../../../src/crm/crm-mon.ts';
import { parseCrmMon } from '../../../src/crm/crm-mon.ts';
import { parseFenceHistory } from '../../../src/crm/fence-history.ts';
import { parseCibNodes } from '../../../src/crm/node-state.ts';
import type { Fencing, OperationFailure, RemoteConnection } from '../../../src/crm/snapshot.ts';

/** Plain lines that a reader can compare with the recording: one per sample. */

export function summaryOfCrmMon(text: string): string {
  const state = parseCrmMon(text);
  const { options } = state;
  return [
    `${state.quorate ? 'quorate' : 'NO QUORUM'} dc=${state.dc ?? 'none'}`,
    options.stonithEnabled ? `no-quorum-policy=${options.noQuorumPolicy}` : 'STONITH DISABLED',
    ...words({ 'MAINTENANCE MODE': options.maintenanceMode, 'STOP ALL RESOURCES': options.stopAllResources }),
    ...state.nodes.map((node) => nodeWords(node, state)),
    ...state.fencings.map(fencingWords),
    ...state.failures.map(failureWords),
  ].join(' | ');
}

export function summaryOfFenceHistory(text: string): string {
  return parseFenceHistory(text).map(fencingWords).join(' | ') || 'no fencing';
}

export function summaryOfCib(text: string): string {
  const { states, attributes } = parseCibNodes(text);
  const stateLines = [...states].map(([name, state]) =>
    [
      name,
      state.inMembership ? 'member' : 'not-member',
      `crmd=${state.crmd ?? '-'}`,
      `join=${state.join ?? '-'}`,
      `expected=${state.expected ?? '-'}`,
      ...(state.fencedAtMs === undefined ? [] : [`fenced=${moment(state.fencedAtMs)}`]),
    ].join(' '),
  );
  const attributeLines = [...attributes].map(([name, values]) => `${name} permanent${braces(values)}`);
  return [...stateLines, ...attributeLines].join(' | ');
}

function nodeWords(node: CrmMon['nodes'][number], { connections, attributes }: CrmMon): string {
  const connection = connections.get(node.name);
  const { unclean, pending, standby, maintenance, shutdown } = node;
  return [
    node.name,
    node.kind,
    node.online ? 'online' : 'offline',
    ...words({ UNCLEAN: unclean, pending, standby, maintenance, shutdown }),
    ...(connection === undefined ? [] : [connectionWords(connection)]),
  ]
    .join(' ')
    .concat(braces(attributes.get(node.name) ?? new Map()));
}

function connectionWords(connection: RemoteConnection): string {
  const { active, failed, managed, blocked, maintenance, targetRole } = connection;
  return [
    `${connection.role}@${connection.hostedBy ?? '-'}`,
    ...words({ inactive: !active, FAILED: failed, unmanaged: !managed, BLOCKED: blocked, frozen: maintenance }),
    ...(targetRole === undefined ? [] : [`target=${targetRole}`]),
  ].join(',');
}

function fencingWords(fencing: Fencing): string {
  const { action, target, status, delegate, client, origin, completedAtMs, exitReason } = fencing;
  return [
    `${action} of ${target} ${status}`,
    ...(delegate === undefined ? [] : [`by ${delegate}`]),
    `for ${client}@${origin}`,
    ...(completedAtMs === undefined ? [] : [`at ${moment(completedAtMs)}`]),
    ...(exitReason === undefined ? [] : [`"${exitReason}"`]),
  ].join(' ');
}

function failureWords({ node, operation, exitStatus, exitCode, exitReason, status }: OperationFailure): string {
  return `${operation}@${node} ${exitStatus}(${exitCode}) ${status} "${exitReason ?? ''}"`;
}

function words(flags: Readonly<Record<string, boolean>>): readonly string[] {
  return Object.entries(flags).flatMap(([word, isSet]) => (isSet ? [word] : []));
}

function braces(values: ReadonlyMap<string, string>): string {
  return values.size === 0 ? '' : ` {${[...values].map(([name, value]) => `${name}=${value}`).join('; ')}}`;
}

function moment(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
