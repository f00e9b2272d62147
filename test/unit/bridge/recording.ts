import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseCrmMon } from '../../../src/crm/crm-mon.ts';
import { joinSnapshot } from '../../../src/crm/join-snapshot.ts';
import type { CibNodes } from '../../../src/crm/node-state.ts';
import type { ClusterSnapshot, NodeState } from '../../../src/crm/snapshot.ts';

const SAMPLES = new URL('../../samples/pacemaker/', import.meta.url).pathname;

/**
 * The recorded runs of one event, each a sequence of snapshots. A folder may hold crm_mon files of two runs; the
 * timeline is of the later one and gives, beside each crm_mon, the node_state that the CIB had at that moment (as the
 * patches in it say). Runs without a timeline have no node_state.
 */
export function recordedRuns(event: string): readonly (readonly ClusterSnapshot[])[] {
  const folder = join(SAMPLES, event);
  const timeline = readFileSync(join(folder, 'timeline.txt'), 'utf8');
  const eventAtMs = startOf(timeline);
  const runs = new Map<number, ClusterSnapshot[]>();
  for (const file of readdirSync(folder).filter((name) => name.startsWith('crm_mon-') && name.endsWith('.xml'))) {
    const [, number, seconds] = /^crm_mon-(\d+)-\+([\d.]+)s/.exec(file) ?? [];
    const text = readFileSync(join(folder, file), 'utf8');
    const writtenAtMs = lastUpdated(text);
    // The first file of a run is from before the event; its name tells only how long the call took.
    const offsetMs = number === '01' ? -2_500 : Number(seconds) * 1000;
    const isOnTimeline = eventAtMs !== undefined && Math.abs(eventAtMs + offsetMs - writtenAtMs) < 5_000;
    const startMs = isOnTimeline ? eventAtMs : Math.round((writtenAtMs - offsetMs) / 30_000) * 30_000;
    const snapshot = joinSnapshot({
      readAtMs: isOnTimeline ? eventAtMs + offsetMs : writtenAtMs + Number(number),
      localNode: 'ctl3',
      crmMon: parseCrmMon(text),
      cibNodes: isOnTimeline ? cibAt(timeline, offsetMs) : noCib,
      fenceHistory: [],
    });
    runs.set(startMs, [...(runs.get(startMs) ?? []), snapshot]);
  }
  const ordered = [...runs.entries()].sort(([a], [b]) => a - b).map(([, run]) => run);
  return ordered.map((run) => [...run].sort((a, b) => a.readAtMs - b.readAtMs));
}

/** The run that has a timeline. */
export function recordedRun(event: string): readonly ClusterSnapshot[] {
  const run = recordedRuns(event).at(-1);
  if (run === undefined) throw new Error(`no recording of ${event}`);
  return run;
}

export function recordedFile(path: string): ClusterSnapshot {
  const text = readFileSync(join(SAMPLES, path), 'utf8');
  return joinSnapshot({
    readAtMs: lastUpdated(text),
    localNode: 'ctl1',
    crmMon: parseCrmMon(text),
    cibNodes: noCib,
    fenceHistory: [],
  });
}

const noCib: CibNodes = { states: new Map(), attributes: new Map() };

function lastUpdated(text: string): number {
  const time = /last_updated="([^"]+)"/.exec(text)?.[1];
  return Date.parse((time ?? '').replace(' ', 'T'));
}

/** An alert carries both the offset and the time of day. */
function startOf(timeline: string): number | undefined {
  const alert = /^ +([+-][\d.]+) ALERT.*'timestamp': '([\d.]+)'/m.exec(timeline);
  return alert === null ? undefined : Math.round((Number(alert[2]) - Number(alert[1])) * 1000);
}

function cibAt(timeline: string, offsetMs: number): CibNodes {
  const states = new Map<string, NodeState>();
  for (const name of ['cmp1', 'cmp2', 'cmp3']) {
    const word = { crmd: undefined, join: undefined, expected: undefined };
    states.set(name, { inMembership: true, fencedAtMs: undefined, ...word });
  }
  for (const name of ['ctl1', 'ctl2', 'ctl3']) {
    const word = { crmd: 'online', join: 'member', expected: 'member' };
    states.set(name, { inMembership: true, fencedAtMs: undefined, ...word });
  }
  for (const line of timeline.split('\n')) {
    const at = /^ +([+-][\d.]+) clib +CIB/.exec(line)?.[1];
    if (at === undefined || Number(at) * 1000 > offsetMs) continue;
    for (const [, id = '', patch = ''] of line.matchAll(/modify node_state\[@id='(\w+)'\] (\{[^}]*\})/g)) {
      const name = /^\d$/.test(id) ? `ctl${id}` : id;
      const known = states.get(name);
      if (known !== undefined) states.set(name, patched(known, patch));
    }
  }
  return { states, attributes: new Map() };
}

function patched(state: NodeState, patch: string): NodeState {
  const value = (name: string): string | undefined => new RegExp(`'${name}': '([^']*)'`).exec(patch)?.[1];
  const fenced = value('node_fenced');
  return {
    inMembership: (value('in_ccm') ?? String(state.inMembership)) === 'true',
    fencedAtMs: fenced === undefined ? state.fencedAtMs : Number(fenced) * 1000 || undefined,
    crmd: value('crmd') ?? state.crmd,
    join: value('join') ?? state.join,
    expected: value('expected') ?? state.expected,
  };
}
