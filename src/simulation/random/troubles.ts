import { FAULTY_ROUTES } from '../cloud/faults.ts';
import type { BmcMode } from '../cluster/machine.ts';
import type { Chance } from '../chance.ts';
import type { Happening, TimedHappening } from '../scenario/happening.ts';
import type { Scenario, ScenarioHost } from '../scenario/scenario.ts';

interface Scene {
  readonly chance: Chance;
  readonly controllers: readonly string[];
  readonly hosts: readonly string[];
  /** Hosts that are remote nodes. */
  readonly remotes: readonly string[];
  readonly instances: readonly string[];
}

/** What comes of one trouble: each a happening and how long after its beginning. */
type Trouble = (scene: Scene) => readonly (readonly [afterMs: number, what: Happening])[];

/** One to six troubles within a minute; each run has at least one that takes a host away. */
export function troubles(
  chance: Chance,
  controllers: readonly string[],
  hosts: readonly ScenarioHost[],
  instances: Scenario['instances'],
): readonly TimedHappening[] {
  const names = hosts.map(({ name }) => name);
  const remotes = names.filter((name) => !controllers.includes(name));
  const scene = { chance, controllers, hosts: names, remotes, instances: instances.map(({ name }) => name) };
  const chosen = [
    weighted(chance, LOSSES),
    ...Array.from({ length: chance.between(0, 5) }, () => weighted(chance, ALL)),
  ];
  return chosen
    .flatMap((trouble) => {
      const beginMs = chance.between(5_000, 60_000);
      return trouble(scene).map(([afterMs, what]): TimedHappening => ({ atMs: beginMs + afterMs, what }));
    })
    .sort((a, b) => a.atMs - b.atMs);
}

function weighted(chance: Chance, table: readonly (readonly [weight: number, trouble: Trouble])[]): Trouble {
  let left = chance.next() * table.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, trouble] of table) {
    left -= weight;
    if (left <= 0) return trouble;
  }
  return HOST_DIES;
}

const HOST_DIES: Trouble = ({ chance, hosts }) => {
  const dead = chance.happens(0.25) ? [chance.pick(hosts), chance.pick(hosts)] : [chance.pick(hosts)];
  return dead.map((node, index) => [index * chance.between(0, 15_000), { kind: 'kill', node }] as const);
};

const DAEMON_DIES: Trouble = ({ chance, remotes }) => [[0, { kind: 'crash', node: chance.pick(remotes) }]];

const HOST_IS_CUT_OFF: Trouble = ({ chance, remotes }) => {
  const node = chance.pick(remotes);
  const back = chance.between(1_000, 90_000);
  return [[0, { kind: 'cut', node }], ...(chance.happens(0.6) ? [[back, { kind: 'connect', node }] as const] : [])];
};

const FENCED_BY_HAND: Trouble = ({ chance, hosts }) => [[0, { kind: 'fence', node: chance.pick(hosts) }]];

const BAD_BMC: Trouble = ({ chance, hosts, controllers }) => {
  const node = chance.pick(hosts);
  const mode = badMode(chance, !controllers.includes(node));
  const trouble: [number, Happening][] = [
    [0, { kind: 'bmc', node, mode }],
    [chance.between(100, 3_000), { kind: chance.happens(0.5) ? 'kill' : 'crash', node }],
  ];
  if (chance.happens(0.6)) trouble.push([chance.between(10_000, 60_000), { kind: 'bmc', node, mode: { kind: 'ok' } }]);
  return trouble;
};

/** A BMC of a controller that lies makes two engines of one: that is for the lease (S5). */
function badMode(chance: Chance, mayLie: boolean): BmcMode {
  const modes: BmcMode[] = [
    { kind: 'fail' },
    { kind: 'hang' },
    { kind: 'norestart' },
    { kind: 'partial' },
    { kind: 'slow', ms: chance.between(1_000, 30_000) },
    { kind: 'late', ms: chance.between(21_000, 60_000) },
  ];
  return chance.pick(mayLie ? [...modes, { kind: 'lie' }, { kind: 'lie' }] : modes);
}

const A_LIE_FOR_A_CUT_HOST: Trouble = ({ chance, remotes }) => {
  const node = chance.pick(remotes);
  const trouble: [number, Happening][] = [
    [0, { kind: 'bmc', node, mode: { kind: 'lie' } }],
    [500, { kind: 'cut', node }],
    [chance.between(5_000, 60_000), { kind: 'connect', node }],
  ];
  return trouble;
};

const A_DEAD_HOST_IS_CONFIRMED: Trouble = ({ chance, hosts }) => {
  const node = chance.pick(hosts);
  return [
    [0, { kind: 'bmc', node, mode: { kind: 'fail' } }],
    [500, { kind: 'kill', node }],
    [chance.between(10_000, 30_000), { kind: 'confirm', node }],
  ];
};

const CONTROLLER_DIES: Trouble = ({ chance, controllers }) => [[0, { kind: 'kill', node: chance.pick(controllers) }]];

const CONTROLLER_LEAVES: Trouble = ({ chance, controllers }) => [
  [0, { kind: 'shutdown', node: chance.pick(controllers) }],
];

const TWO_CONTROLLERS_DIE: Trouble = ({ chance, controllers }) => [
  [0, { kind: 'kill', node: controllers[0] ?? '' }],
  [chance.between(0, 2_000), { kind: 'kill', node: controllers[1] ?? '' }],
  [chance.between(10_000, 60_000), { kind: 'power on', node: controllers[1] ?? '' }],
];

const SPLIT: Trouble = ({ chance, controllers, remotes }) => {
  const alone = [chance.pick(controllers), ...remotes.filter(() => chance.happens(0.2))];
  return [
    [0, { kind: 'split', groups: [alone] }],
    [chance.between(2_000, 60_000), { kind: 'split', groups: [] }],
  ];
};

const NO_STONITH: Trouble = ({ chance }) => [
  [0, { kind: 'option', option: 'stonithEnabled', value: false }],
  [chance.between(10_000, 60_000), { kind: 'option', option: 'stonithEnabled', value: true }],
];

const TAKEN_OUT: Trouble = ({ chance, hosts, remotes }) => {
  const forMs = chance.between(5_000, 60_000);
  const node = chance.pick(hosts);
  const remote = chance.pick(remotes);
  const [on, off] = chance.pick<readonly [Happening, Happening]>([
    [
      { kind: 'standby', node, on: true },
      { kind: 'standby', node, on: false },
    ],
    [
      { kind: 'maintenance', node, on: true },
      { kind: 'maintenance', node, on: false },
    ],
    [
      { kind: 'connection', node: remote, change: 'disabled' },
      { kind: 'connection', node: remote, change: 'enabled' },
    ],
    [
      { kind: 'connection', node: remote, change: 'unmanaged' },
      { kind: 'connection', node: remote, change: 'managed' },
    ],
    [
      { kind: 'option', option: 'maintenanceMode', value: true },
      { kind: 'option', option: 'maintenanceMode', value: false },
    ],
  ]);
  const dies = chance.happens(0.6);
  const victim = on.kind === 'connection' ? remote : node;
  return [
    [0, on],
    ...(dies ? [[chance.between(9_000, 20_000), { kind: 'kill', node: victim }] as const] : []),
    ...(dies && chance.happens(0.4) ? [[25_000, { kind: 'fence', node: victim }] as const] : []),
    [30_000 + forMs, off],
  ];
};

const ENGINE_DIES: Trouble = ({ chance }) =>
  chance.happens(0.3)
    ? [[0, { kind: 'kill engine' }]]
    : [[0, { kind: 'kill engine at', effect: chance.between(1, 40), moment: chance.pick(['before', 'after']) }]];

const BAD_ALERTS: Trouble = ({ chance }) => [
  [0, { kind: 'alerts', alerts: { lost: chance.next(), doubled: chance.next(), lateMs: chance.between(0, 5_000) } }],
];

const CLOCK_JUMPS: Trouble = ({ chance, controllers }) => {
  // Clocks that differ by more than five minutes are beyond what the bridge allows for (src/bridge/prove.ts).
  const byMs = chance.between(-120_000, 120_000);
  const node = chance.pick(controllers);
  return chance.happens(0.5)
    ? [[0, { kind: 'clock', node, byMs: Math.round(byMs / 100) }]]
    : [[0, { kind: 'clock', node, byMs }]];
};

const SLOW_READING: Trouble = ({ chance }) => [
  [0, { kind: 'crm', readMs: chance.pick([1_000, 4_000, 86_400_000]) }],
  [chance.between(5_000, 40_000), { kind: 'crm', readMs: 120 }],
];

const NOVA_FAILS: Trouble = ({ chance }) => {
  const route = chance.pick(FAULTY_ROUTES);
  const times = chance.happens(0.7) ? { times: chance.between(1, 10) } : {};
  const effect = chance.pick([
    { kind: 'status', status: 503 },
    { kind: 'status', status: 500 },
    { kind: 'status', status: 401 },
    { kind: 'drop', when: 'before-executing' },
    { kind: 'drop', when: 'after-executing' },
    { kind: 'delay', ms: chance.between(100, 10_000) },
    { kind: 'html', status: 200 },
  ] as const);
  return [
    [0, { kind: 'fault', fault: { route, effect, ...times } }],
    ...(chance.happens(0.7) ? [[chance.between(5_000, 40_000), { kind: 'nova is well' }] as const] : []),
  ];
};

const BAD_FATE: Trouble = ({ chance }) => [
  [
    0,
    {
      kind: 'fault',
      fault: {
        effect: chance.pick([
          { kind: 'no-valid-host' },
          { kind: 'never-finishes' },
          { kind: 'spawn', ms: chance.between(5_000, 50_000) },
        ] as const),
        times: chance.between(1, 4),
      },
    },
  ],
];

const FULL_DISK: Trouble = ({ chance, controllers }) => {
  const node = chance.pick(controllers);
  return [
    [0, { kind: 'disk', node, disk: 'full' }],
    [chance.between(5_000, 40_000), { kind: 'disk', node, disk: 'well' }],
  ];
};

const CLEANED_HISTORY: Trouble = () => [[0, { kind: 'clean history' }]];

const DELETED: Trouble = ({ chance, instances }) =>
  instances.length === 0 ? [] : [[0, { kind: 'delete', instance: chance.pick(instances) }]];

const LOSSES: readonly (readonly [number, Trouble])[] = [
  [8, HOST_DIES],
  [2, DAEMON_DIES],
  [2, HOST_IS_CUT_OFF],
  [1, FENCED_BY_HAND],
  [3, BAD_BMC],
  [1, A_LIE_FOR_A_CUT_HOST],
  [1, A_DEAD_HOST_IS_CONFIRMED],
];

const ALL: readonly (readonly [number, Trouble])[] = [
  ...LOSSES,
  [4, CONTROLLER_DIES],
  [1, CONTROLLER_LEAVES],
  [1, TWO_CONTROLLERS_DIE],
  [3, SPLIT],
  [1, NO_STONITH],
  [3, TAKEN_OUT],
  [6, ENGINE_DIES],
  [3, BAD_ALERTS],
  [3, CLOCK_JUMPS],
  [2, SLOW_READING],
  [6, NOVA_FAILS],
  [4, BAD_FATE],
  [1, FULL_DISK],
  [1, CLEANED_HISTORY],
  [1, DELETED],
];
