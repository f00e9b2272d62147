import type { ClusterSnapshot } from '../crm/snapshot.ts';

/**
 * The permanent node attribute that says that Lifeboat is paused. It stands in Pacemaker's CIB and not in the store,
 * because whichever controller the engine starts on has to heed it, also one with an embedded store of its own, and also
 * after the whole cluster was down (docs/decisions/0033).
 */
export const PAUSE_ATTRIBUTE = 'lifeboat-paused';

/** An operator's word that Lifeboat is to begin nothing (S8). */
export interface Pause {
  readonly by: string;
  /** Milliseconds since the epoch; undefined when somebody wrote the attribute by hand. */
  readonly sinceMs: number | undefined;
  readonly reason: string | undefined;
}

/** On whichever node it stands: the node that it was written on may be gone. Undefined: not paused. */
export function pauseIn(snapshot: Pick<ClusterSnapshot, 'nodes'>): Pause | undefined {
  const text = nodesWithPause(snapshot)
    .map((name) => snapshot.nodes.get(name)?.attributes.get(PAUSE_ATTRIBUTE) ?? '')
    .find((value) => !/^(false|off|no|0)$/i.test(value));
  return text === undefined ? undefined : readPause(text);
}

/** Where it has to be removed to resume. */
export function nodesWithPause({ nodes }: Pick<ClusterSnapshot, 'nodes'>): readonly string[] {
  return [...nodes.values()].filter(({ attributes }) => attributes.has(PAUSE_ATTRIBUTE)).map(({ name }) => name);
}

const LONGEST_REASON = 200;

/** What crm_mon shows: "by root since 2026-11-25T15:03:10Z: a new switch". */
export function pauseText({ by, sinceMs, reason }: Pause): string {
  const since = sinceMs === undefined ? '' : ` since ${new Date(sinceMs).toISOString().replace(/\.\d+Z$/, 'Z')}`;
  return `by ${by}${since}${reason === undefined ? '' : `: ${[...reason].slice(0, LONGEST_REASON).join('')}`}`;
}

/** Whatever it says, it means that somebody wants Lifeboat to be paused. */
function readPause(text: string): Pause {
  const [, by, since, reason] = /^by (\S+) since (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)(?:: (.*))?$/s.exec(text) ?? [];
  const sinceMs = Date.parse(since ?? '');
  if (by === undefined || Number.isNaN(sinceMs))
    return { by: 'somebody', sinceMs: undefined, reason: text || undefined };
  return { by, sinceMs, reason };
}
