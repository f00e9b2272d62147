import { parseArgs } from 'node:util';

export interface CrashOptions {
  readonly kills: number;
  readonly labs: number;
  /** Of the random pauses and the order of everything that is drawn. What the machines do at that moment is their own. */
  readonly seed: number;
  readonly jsonFile: string | undefined;
}

export const USAGE = `npm run test:crash -- [--kills N] [--labs N] [--seed N] [--json FILE]

Kills lifeboatd (SIGKILL) at random points of real recoveries, in real Pacemaker clusters with an emulated cloud, and
checks that no instance was lost and none was evacuated twice or ran twice.

  --kills N    how many in all, over all clusters (500)
  --labs N     how many clusters side by side (2)
  --seed N     draws the same pauses again
  --json FILE  every kill and what was found of it
`;

/** Throws an Error that names the option. */
export function crashOptions(argv: readonly string[], drawnSeed: number): CrashOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      kills: { type: 'string', default: '500' },
      labs: { type: 'string', default: '2' },
      seed: { type: 'string', default: `${drawnSeed}` },
      json: { type: 'string' },
    },
  });
  return {
    kills: whole('--kills', values.kills, 100_000),
    labs: whole('--labs', values.labs, 8),
    seed: whole('--seed', values.seed, 0xffff_ffff),
    jsonFile: values.json,
  };
}

function whole(option: string, text: string, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new Error(`${option} takes a whole number from 1 to ${most}; got "${text}"`);
}
