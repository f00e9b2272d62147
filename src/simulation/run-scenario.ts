import { statusOf as daemonStatusOf } from '../daemon/report.ts';
import { runningPlaces, statusOf } from './cloud/truth.ts';
import type { Scenario } from './scenario/scenario.ts';
import { Simulation } from './simulation.ts';
import type { Violation } from './violation.ts';

export interface Outcome {
  readonly violations: readonly Violation[];
  /** How things stand at the end, a line each. */
  readonly summary: readonly string[];
}

/** Plays a scenario from its beginning to its end. Each line of its log goes to `onLine`. */
export async function runScenario(scenario: Scenario, onLine: (line: string) => void): Promise<Outcome> {
  const simulation = new Simulation(scenario, { onLine });
  await simulation.time.run(scenario.endMs);
  return { violations: simulation.violations, summary: summaryOf(simulation) };
}

function summaryOf(simulation: Simulation): readonly string[] {
  return [...engineLines(simulation), ...shownLines(simulation), ...instanceLines(simulation), ...rules(simulation)];
}

function engineLines({ engine }: Simulation): readonly string[] {
  if (engine === undefined) return ['no engine runs'];
  const { holds, recoveries, summary } = daemonStatusOf(engine.heart.facts());
  return [
    `engine on ${engine.node}: ${summary}`,
    ...recoveries.map(({ host, moves, reason, state }) => {
      const why = reason === undefined ? '' : `: ${reason}`;
      return `  recovery of ${host}: ${state}, ${moves.length} moves${why}`;
    }),
    ...holds.map(
      ({ host, reason, remedy }) => `  held: ${host}: ${reason}${remedy === undefined ? '' : ` → ${remedy}`}`,
    ),
  ];
}

/** What crm_mon -A would show. */
function shownLines({ cluster }: Simulation): readonly string[] {
  const shown = [...cluster.world.transient].flatMap(([node, attributes]) =>
    [...attributes].map(([name, text]) => `  ${node} ${name} = ${text}`),
  );
  return shown.length === 0 ? [] : ['crm_mon shows', ...shown.sort()];
}

const SHOWN_INSTANCES = 40;

function instanceLines({ cloud }: Simulation): readonly string[] {
  const places = runningPlaces(cloud);
  const lines = [...cloud.guests.values()].map((guest) => {
    const runs = places.get(guest.id) ?? [];
    const where = runs.length === 0 ? 'runs nowhere' : `runs on ${runs.join(' and on ')}`;
    return `  ${guest.name} ${statusOf(guest)} on ${guest.host ?? 'no host'}, ${where}`;
  });
  const more = lines.length - SHOWN_INSTANCES;
  return ['instances', ...lines.slice(0, SHOWN_INSTANCES), ...(more > 0 ? [`  and ${more} more`] : [])];
}

function rules({ violations }: Simulation): readonly string[] {
  if (violations.length === 0) return ['every safety rule held'];
  return violations.map(({ atMs, rule, what }) => `${rule} was violated at ${(atMs / 1000).toFixed(3)} s: ${what}`);
}
