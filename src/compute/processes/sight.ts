import type { Sight } from '../notification.ts';
import type { Observation } from './observation.ts';

export interface SeenProcess {
  readonly observation: Observation;
  /** Since when it is seen like that; milliseconds since the epoch. */
  readonly sinceMs: number;
}

/** One sentence about all of them; `undefined`: not looked at yet. Blind as soon as one of them could fail unseen. */
export function sightOf(processes: readonly (readonly [name: string, seen: SeenProcess | undefined])[]): Sight {
  const waiting = processes.filter(([, seen]) => seen === undefined).map(([name]) => name);
  if (waiting.length > 0) return { kind: 'blind', sentence: `not looked at yet: ${waiting.join(', ')}` };
  const here = processes.flatMap(([name, seen]) =>
    seen === undefined || seen.observation.kind === 'absent' ? [] : [{ name, ...seen }],
  );
  const unseen = here.filter(({ observation }) => observation.kind === 'unknown');
  const [first] = unseen;
  if (first !== undefined && first.observation.kind === 'unknown') {
    const names = unseen.map(({ name }) => name).join(', ');
    const since = new Date(first.sinceMs).toISOString().slice(11, 19);
    return { kind: 'blind', sentence: `${names}: ${first.observation.sentence} (since ${since} UTC)` };
  }
  if (here.length === 0) return { kind: 'blind', sentence: 'none of the processes that are listed is on this host' };
  const down = here.filter(({ observation }) => observation.kind !== 'runs');
  if (down.length === 0) return { kind: 'watching', sentence: `${counted(here.length)} run` };
  const words = down.map(
    ({ name, observation }) => `${name}: ${'sentence' in observation ? observation.sentence : ''}`,
  );
  const running = here.length - down.length;
  return { kind: 'watching', sentence: `${running} of ${counted(here.length)} run; ${words.join('; ')}` };
}

function counted(count: number): string {
  return count === 1 ? '1 process' : `${count} processes`;
}
