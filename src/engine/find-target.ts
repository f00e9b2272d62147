import type { Move } from './move.ts';
import type { Recover } from './recover.ts';
import { keepsOut } from './recovery.ts';

export type Target =
  | { readonly kind: 'found'; readonly by: 'host' | 'instance'; readonly run: Recover; readonly moves: readonly Move[] }
  | { readonly kind: 'none'; readonly reason: string };

/**
 * What an operator means by a word: a host or its node, a recovery's id, an instance's id or name, in this order. Of a host
 * the recovery that still keeps it out, or else the newest. `runs`: newest first.
 */
export function findTarget(word: string, runs: readonly Recover[]): Target {
  const ofHost = runs.filter(({ recovery }) => [recovery.host, recovery.node, recovery.id].includes(word));
  const run = ofHost.find(({ recovery }) => keepsOut(recovery)) ?? ofHost[0];
  if (run !== undefined) return { kind: 'found', by: 'host', run, moves: run.moves };
  const ofInstance = runs.flatMap((each) =>
    each.moves.filter(({ instanceId, name }) => instanceId === word || name === word).map((move) => ({ each, move })),
  );
  // An instance of a host that was given back is nobody's concern any more, if there is another of that name.
  const open = ofInstance.filter(({ each }) => keepsOut(each.recovery));
  const [first, ...more] = open.length > 0 ? open : ofInstance.slice(0, 1);
  if (first === undefined) {
    return { kind: 'none', reason: `no recovery of ${word} is known here, be it a host, a recovery or an instance` };
  }
  if (more.length > 0) {
    const ids = open.map(({ move }) => move.instanceId);
    return { kind: 'none', reason: `${ids.length} instances are called ${word}: say which of ${ids.join(', ')}` };
  }
  return { kind: 'found', by: 'instance', run: first.each, moves: [first.move] };
}
