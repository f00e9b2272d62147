import type { ClusterSnapshot, Fencing } from '../crm/snapshot.ts';
import type { Absence, Authority, BridgeMemory } from './memory.ts';
import { isMember } from './presence.ts';

/**
 * Whose word counts. A controller that is cut off can fence remote nodes without quorum (a remote node counts as a member
 * of its partition), and its records join our history when it comes back. So we remember when each controller was not
 * with us, and when we had no quorum ourselves; a record of such a time proves nothing by itself.
 */
const SLACK_MS = 3_000;

/** Older absences cannot matter: a record that old is older than any baseline. */
const KEPT_MS = 24 * 3_600_000;

export function authorityOf(snapshot: ClusterSnapshot): Exclude<Authority, 'unknown'> {
  // crm_mon shows quorum as an attribute of the DC: without one it says nothing of quorum.
  if (snapshot.dc === undefined) return 'no-dc';
  return snapshot.quorate ? 'granted' : 'no-quorum';
}

/** Whether those who asked for and did this fencing were with us, and we had quorum, when it completed. */
export function wasOurs(fencing: Fencing, snapshot: ClusterSnapshot, memory: BridgeMemory): boolean {
  const atMs = fencing.completedAtMs;
  if (atMs === undefined || wasQuorumless(atMs, memory)) return false;
  const { origin, delegate } = fencing;
  const actors = delegate === undefined || delegate === A_HUMAN ? [origin] : [origin, delegate];
  return actors.every((name) => {
    if (!Object.hasOwn(memory.absences, name)) return isMember(snapshot.nodes.get(name));
    return !absencesOf(name, memory).some((absence) => covers(absence, atMs, SLACK_MS));
  });
}

function absencesOf(name: string, memory: BridgeMemory): readonly Absence[] {
  return (Object.hasOwn(memory.absences, name) ? memory.absences[name] : undefined) ?? [];
}

/** Pacemaker's delegate for `stonith_admin --confirm`. */
export const A_HUMAN = 'a human';

export function wasQuorumless(atMs: number, memory: BridgeMemory): boolean {
  return memory.quorumless.some((stretch) => covers(stretch, atMs, 0));
}

function covers(absence: Absence, atMs: number, slackMs: number): boolean {
  return atMs >= absence.fromMs - slackMs && (absence.toMs === null || atMs <= absence.toMs + slackMs);
}

/** Only from a snapshot with quorum: who is with us now, who no longer. */
export function rememberAbsences(snapshot: ClusterSnapshot, memory: BridgeMemory): BridgeMemory['absences'] {
  const names = new Set(Object.keys(memory.absences));
  for (const node of snapshot.nodes.values()) if (node.kind === 'cluster') names.add(node.name);
  const entries: [string, readonly Absence[]][] = [];
  for (const name of names) {
    const present = isMember(snapshot.nodes.get(name));
    const known = absencesOf(name, memory).filter(
      (absence) => absence.toMs === null || Math.abs(snapshot.readAtMs - absence.toMs) < KEPT_MS,
    );
    const last = known.at(-1);
    const isOpen = last?.toMs === null;
    if (present && isOpen) known[known.length - 1] = { fromMs: last.fromMs, toMs: snapshot.readAtMs };
    if (!present && !isOpen) known.push({ fromMs: memory.grantedAtMs ?? 0, toMs: null });
    if (known.length > 0 || snapshot.nodes.has(name)) entries.push([name, known]);
  }
  return Object.fromEntries(entries);
}

/** Tight on purpose: what the cluster fences as soon as quorum is back must count. */
export function rememberQuorumless(snapshot: ClusterSnapshot, memory: BridgeMemory): readonly Absence[] {
  const { readAtMs } = snapshot;
  const authority = authorityOf(snapshot);
  if (authority === 'no-dc') return memory.quorumless;
  if (authority === 'granted') {
    return memory.quorumless.filter((stretch) => Math.abs(readAtMs - (stretch.toMs ?? readAtMs)) < KEPT_MS);
  }
  const last = memory.quorumless.at(-1);
  const goesOn = last !== undefined && (last.toMs ?? 0) > (memory.grantedAtMs ?? 0);
  if (!goesOn) return [...memory.quorumless, { fromMs: readAtMs, toMs: readAtMs }];
  const fromMs = Math.min(last.fromMs, readAtMs);
  const toMs = Math.max(last.toMs ?? readAtMs, readAtMs);
  return [...memory.quorumless.slice(0, -1), { fromMs, toMs }];
}
