import { progressBar } from './progress-bar.ts';

/** How far one move is. `runs` is what the cloud shows, `verified` what Lifeboat has seen for itself. */
export const STEPS = ['waits', 'sent to Nova', 'taken by Nova', 'runs', 'verified'] as const;
export type Step = (typeof STEPS)[number];

/** With more moves than this only the last step of each is told. */
const EACH_STEP_UP_TO = 12;

export interface MovesBoard {
  /** The line to tell, if this step is news and worth one. */
  advance(name: string, step: Step, where?: string): string | undefined;
}

/** The moves of one recovery, each with its own bar, and the tally of those that are verified. */
export function movesBoard(names: readonly string[]): MovesBoard {
  const steps = new Map(names.map((name) => [name, 0]));
  const last = STEPS.length - 1;
  const width = Math.max(0, ...names.map((name) => name.length));
  return {
    advance: (name, step, where) => {
      const reached = STEPS.indexOf(step);
      if (reached <= (steps.get(name) ?? last)) return undefined;
      steps.set(name, reached);
      if (reached < last && names.length > EACH_STEP_UP_TO) return undefined;
      const verified = [...steps.values()].filter((each) => each === last).length;
      const tally = reached === last ? `  ${verified} of ${names.length} recovered` : '';
      return `${name.padEnd(width)}  ${progressBar(reached, last)}  ${step}${where === undefined ? '' : ` on ${where}`}${tally}`;
    },
  };
}
