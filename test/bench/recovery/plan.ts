import { parseArgs } from 'node:util';
import { CONTENDERS, type ContenderName } from './contender.ts';

/** What the benchmark is to do. */
export interface Plan {
  readonly instances: readonly number[];
  readonly rounds: readonly PlannedTrial[];
  readonly parallel: number;
  readonly targets: number;
  readonly jsonFile: string | undefined;
  readonly keepIn: string | undefined;
  /** The name of a lab that runs already. */
  readonly attachTo: string | undefined;
}

export interface PlannedTrial {
  readonly contender: ContenderName;
  readonly instances: number;
}

export const USAGE = `npm run bench:recovery -- [options]

  --instances 1,10,50  how many instances the failed host has, one after the other
  --runs 3             of the bare loop and of Lifeboat, interleaved; Masakari runs once
  --only floor,...     of floor, lifeboat, tuned, masakari
  --short              10 instances, once each, without Masakari's defaults
  --full               Masakari's defaults with 50 instances too
  --parallel 20        evacuations in flight: the bare loop, Lifeboat, threads of the tuned Masakari
  --targets 3          hosts that are left
  --json FILE          everything that was measured
  --keep DIR           keep the logs of lifeboatd there
  --attach NAME        use the cloud of that name, which runs already and stays
`;

/** Masakari's defaults take minutes, however many instances: not for more than these unless --full. */
const DEFAULTS_UP_TO = 10;

/** Throws an Error that names the option. */
export function planFrom(args: readonly string[]): Plan {
  const { values } = parseArgs({
    args: [...args],
    options: {
      instances: { type: 'string' },
      runs: { type: 'string' },
      only: { type: 'string' },
      short: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      parallel: { type: 'string', default: '20' },
      targets: { type: 'string', default: '3' },
      json: { type: 'string' },
      keep: { type: 'string' },
      attach: { type: 'string' },
    },
  });
  const instances = (values.instances ?? (values.short ? '10' : '1,10,50'))
    .split(',')
    .map((text) => whole('--instances', text));
  const runs = whole('--runs', values.runs ?? (values.short ? '1' : '3'));
  const byDefault = values.short ? 'floor,lifeboat,tuned' : CONTENDERS.join(',');
  const contenders = (values.only ?? byDefault).split(',').map(contenderNamed);
  return {
    instances,
    rounds: instances.flatMap((count) => trialsOf(count, runs, contenders, values.full)),
    parallel: whole('--parallel', values.parallel),
    targets: whole('--targets', values.targets),
    jsonFile: values.json,
    keepIn: values.keep,
    attachTo: values.attach,
  };
}

/** Side by side, each first as often as the other: whatever else the machine does meets both. */
function trialsOf(
  instances: number,
  runs: number,
  contenders: readonly ContenderName[],
  full: boolean,
): readonly PlannedTrial[] {
  const quick = contenders.filter((name) => name === 'floor' || name === 'lifeboat');
  const slow = contenders.filter((name) => name === 'tuned' || (name === 'masakari' && isAllowed(instances, full)));
  const rounds = Array.from({ length: runs }, (_, round) => (round % 2 === 0 ? quick : quick.toReversed()));
  return [...rounds.flat(), ...slow].map((contender) => ({ contender, instances }));
}

function isAllowed(instances: number, full: boolean): boolean {
  return full || instances <= DEFAULTS_UP_TO;
}

function whole(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${option} takes whole numbers from 1; got "${text}"`);
  return number;
}

function contenderNamed(text: string): ContenderName {
  const found = CONTENDERS.find((name) => name === text);
  if (found === undefined) throw new Error(`--only takes ${CONTENDERS.join(', ')}; got "${text}"`);
  return found;
}
