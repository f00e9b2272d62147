import { configFromText } from '../../config/load.ts';
import { chanceFrom, type Chance } from '../chance.ts';
import type { TimedHappening } from '../scenario/happening.ts';
import type { Scenario, ScenarioHost } from '../scenario/scenario.ts';
import { troubles } from './troubles.ts';

/** As in the product, but that what waits for minutes there waits for less. */
function randomConfig(chance: Chance): Scenario['config'] {
  const humans = chance.happens(0.9);
  // A small cloud has a storm with its second host; so the guard is strict in some runs and out of the way in others.
  const storm = chance.happens(0.5) ? '{ max_percent: 100, max_hosts: 100 }' : '{ window: 30s, cool_down: 30s }';
  return configFromText(
    `evacuation: { settle_time: 15s, request_timeout: 5s, move_timeout: 60s, retry_delay: 2s, parallel: 4 }
cluster: { command_timeout: 5s }
proof: { accept_human_confirmation: ${humans} }
storm: ${storm}
`,
    'random',
  );
}

/** What a random run is made of. All that is random in it follows from the seed. */
export interface RandomScenario extends Scenario {
  /** From here on everything is well: what was cut is connected, what was off is on. */
  readonly wellAtMs: number;
}

export function randomScenario(seed: string): RandomScenario {
  const chance = chanceFrom(`scenario ${seed}`);
  const controllers = ['ctl1', 'ctl2', 'ctl3'];
  const hosts = randomHosts(chance, controllers);
  const instances = hosts.flatMap(({ name }) => randomInstances(chance, name));
  const timeline = troubles(chance, controllers, hosts, instances);
  const lastMs = Math.max(20_000, ...timeline.map(({ atMs }) => atMs));
  const wellAtMs = lastMs + chance.between(5, 60) * 1_000;
  const scenario: RandomScenario = {
    seed,
    controllers,
    hosts,
    instances,
    config: randomConfig(chance),
    timings: { recheckMs: 30_000, bootMs: chance.between(2, 30) * 1_000, historyMs: chance.between(0, 12) * 1_000 },
    cloud: {
      spawnMs: chance.between(500, 8_000),
      settleMs: chance.between(0, 300),
      schedulerMs: chance.between(20, 2_000),
    },
    gate: 'asked',
    resumesGuests: chance.happens(0.5),
    store: chance.happens(0.3) ? 'shared' : 'embedded',
    timeline: [...timeline, { atMs: wellAtMs, what: { kind: 'all is well' } }],
    endMs: wellAtMs + 600_000,
    wellAtMs,
  };
  return withTwoEngines(scenario, chance.fork('two engines'));
}

/**
 * With a store of their own on each controller two engines are kept apart by Pacemaker's fencing alone
 * (docs/decisions/0029), so that only those with the shared store meet.
 */
function withTwoEngines(scenario: RandomScenario, chance: Chance): RandomScenario {
  if (scenario.store !== 'shared' || !chance.happens(0.5)) return scenario;
  const forMs = chance.between(5, 60) * 1_000;
  const freeze: TimedHappening = { atMs: chance.between(6_000, 70_000), what: { kind: 'freeze engine', forMs } };
  const timeline = [...scenario.timeline, freeze].toSorted((a, b) => a.atMs - b.atMs);
  return { ...scenario, timeline };
}

function randomHosts(chance: Chance, controllers: readonly string[]): readonly ScenarioHost[] {
  const count = chance.between(2, 5);
  const names = Array.from({ length: count }, (_, index) => `cmp${index + 1}`);
  if (chance.happens(0.15)) names.push(...controllers.slice(0, chance.between(1, 3)));
  const tight = chance.happens(0.2);
  return names.map((name) => ({
    name,
    capacity: tight ? chance.between(1, 6) : undefined,
    bootMs: chance.between(2, 60) * 1_000,
    isIdle: chance.happens(0.3),
    fencingAction: chance.happens(0.15) ? 'off' : 'reboot',
  }));
}

const STATES: readonly string[] = ['stopped', 'error', 'paused', 'suspended', 'rescued', 'resized'];

function randomInstances(chance: Chance, host: string): Scenario['instances'] {
  return Array.from({ length: chance.between(0, 5) }, (_, index) => {
    const name = `${host}-vm${index + 1}`;
    if (!chance.happens(0.2)) return { name, host };
    const queued = chance.happens(0.3);
    if (!queued) return { name, host, vmState: chance.pick(STATES) };
    const call = chance.happens(0.5) ? ('taken' as const) : ('queued' as const);
    const [vmState, taskState, action] = chance.pick([
      ['active', 'powering-off', 'stop'],
      ['stopped', 'powering-on', 'start'],
      ['suspended', 'resuming', 'resume'],
      ['active', 'rescuing', 'rescue'],
      ['active', 'rebooting', 'reboot'],
    ] as const);
    return { name, host, vmState, taskState, lastAction: { name: action, call } };
  });
}
