import { RECOVERY_STATES } from '../../src/engine/recovery.ts';
import { MOVE_STATES } from '../../src/engine/move.ts';
import { tableLines } from '../bench/table.ts';
import type { Kill, Round } from './round.ts';

const UNWRITTEN = 'not written down yet';

/** Kills by the state of the recovery on disk, and by the states that its moves were in. */
export function killTable(kills: readonly Kill[]): readonly string[] {
  const of = (state: string): readonly Kill[] =>
    kills.filter(({ remains }) => (remains.recovery ?? UNWRITTEN) === state);
  const recoveries = [UNWRITTEN, ...Object.keys(RECOVERY_STATES)].map((state) => [state, `${of(state).length}`]);
  const moves = Object.keys(MOVE_STATES).map((state) => [
    state,
    `${kills.filter(({ remains }) => ((remains.moves as Record<string, number>)[state] ?? 0) > 0).length}`,
  ]);
  return [
    ...tableLines([['the recovery was', 'kills'], ...recoveries]),
    '',
    ...tableLines([['at least one move was', 'kills'], ...moves]),
  ];
}

export function roundLine(lab: string, number: number, { host, instances, kills, lost, doubled }: Round): string {
  const trouble = [
    ...(lost.length > 0 ? [`LOST ${lost.join(', ')}`] : []),
    ...(doubled.length > 0 ? [`DOUBLED ${doubled.join(', ')}`] : []),
  ];
  const shown = trouble.length > 0 ? trouble.join('; ') : 'all recovered once';
  return `${lab} round ${`${number}`.padStart(3)}  ${host}  ${instances} instances  ${`${kills.length}`.padStart(2)} kills  ${shown}`;
}
