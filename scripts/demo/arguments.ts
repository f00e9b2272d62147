import { parseArgs } from 'node:util';

export interface DemoOptions {
  readonly instances: number;
  readonly jsonFile: string | undefined;
  readonly keep: boolean;
}

export type Parsed =
  | { readonly kind: 'run'; readonly options: DemoOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'misunderstood'; readonly reason: string };

export const USAGE = `npm run demo -- [--instances N] [--json FILE] [--keep]

Cuts the power of a compute node in a real Pacemaker cluster on this machine, and shows how its instances come back.

  --instances N   how many instances run on the node, 1 to 200 (6)
  --json FILE     write the outcome as JSON
  --keep          leave the cluster up afterwards, to play with
`;

const INSTANCES = 6;
const MOST_INSTANCES = 200;

export function parseDemoArguments(argv: readonly string[]): Parsed {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        instances: { type: 'string' },
        json: { type: 'string' },
        keep: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    return { kind: 'misunderstood', reason: error instanceof Error ? error.message : String(error) };
  }
  if (values.help === true) return { kind: 'help' };
  const instances = values.instances ?? `${INSTANCES}`;
  if (!/^\d{1,4}$/.test(instances) || Number(instances) < 1 || Number(instances) > MOST_INSTANCES) {
    return {
      kind: 'misunderstood',
      reason: `--instances is a whole number from 1 to ${MOST_INSTANCES}; got "${instances}"`,
    };
  }
  return {
    kind: 'run',
    options: { instances: Number(instances), jsonFile: values.json, keep: values.keep ?? false },
  };
}
