import { NEW_LIFE, type ProcessLife } from './life.ts';

/** What outlives the monitor of one process: whether it was reported, and when it was restarted. */
type RememberedLife = Pick<ProcessLife, 'told' | 'restartsAtMs'>;

/** A text for the monitor's state directory; lives of which there is nothing to remember are left out. */
export function rememberedText(lives: ReadonlyMap<string, ProcessLife>): string {
  const worth = [...lives].filter(([, { restartsAtMs, told }]) => told === 'STOPPED' || restartsAtMs.length > 0);
  const processes = worth.map(([name, { restartsAtMs, told }]) => ({ name, told, restartsAtMs }));
  return JSON.stringify({ version: 1, processes });
}

/** Undefined when it is none of ours, or damaged. Nothing is lost then: what is down now is reported once more. */
export function readRemembered(text: string): ReadonlyMap<string, ProcessLife> | undefined {
  try {
    const { processes, version } = JSON.parse(text) as { version?: unknown; processes?: unknown };
    if (version !== 1 || !Array.isArray(processes)) return undefined;
    return new Map(processes.map((each: unknown) => lifeIn(each as Partial<RememberedLife> & { name?: unknown })));
  } catch {
    return undefined;
  }
}

function lifeIn({ name, restartsAtMs, told }: Partial<RememberedLife> & { name?: unknown }): [string, ProcessLife] {
  const isTold = told === 'STOPPED' || told === 'STARTED';
  if (typeof name !== 'string' || !isTold || !Array.isArray(restartsAtMs)) throw new Error('no life');
  return [name, { ...NEW_LIFE, told, restartsAtMs: restartsAtMs.filter((atMs) => Number.isFinite(atMs)) }];
}
