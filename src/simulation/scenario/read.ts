import { parse, stringify, YAMLParseError } from 'yaml';
import { configFromText } from '../../config/load.ts';
import { LifeboatError } from '../../errors.ts';
import type { InstanceSpec } from '../cloud/options.ts';
import { CLUSTER_TIMINGS, type ClusterTimings } from '../cluster/timings.ts';
import { Field } from './field.ts';
import { happeningsFrom } from './read-happening.ts';
import type { Scenario, ScenarioHost } from './scenario.ts';

const HOUR_MS = 3_600_000;

/** Reads a scenario.yaml. Throws CONFIG_INVALID with the first mistake and where it stands. */
export function scenarioFromText(text: string, name: string): Scenario {
  const root = new Field(name, [], parsed(text, name));
  root.knows(
    'seed',
    'controllers',
    'hosts',
    'instances',
    'lifeboat',
    'cluster',
    'nova',
    'gate',
    'guests',
    'store',
    'timeline',
    'end',
  );
  const hosts = hostsFrom(root.at('hosts'));
  const controllers = namesFrom(root.at('controllers'), 'ctl', ['ctl1', 'ctl2', 'ctl3']);
  const instances = root
    .at('instances')
    .list()
    .flatMap((each) => instancesFrom(each, hosts));
  const nodes = [...new Set([...controllers, ...hosts.map((host) => host.name)])];
  const names = { nodes, hosts: hosts.map((host) => host.name) };
  return {
    seed: root.at('seed').text('1'),
    controllers,
    hosts,
    instances,
    config: configFrom(root.at('lifeboat'), name),
    timings: timingsFrom(root.at('cluster')),
    cloud: cloudFrom(root.at('nova')),
    gate: root.at('gate').word(['asked', 'none'], 'asked'),
    resumesGuests: root.at('guests').word(['stay off', 'are resumed'], 'stay off') === 'are resumed',
    store: root.at('store').word(['embedded', 'shared'], 'embedded'),
    timeline: root
      .at('timeline')
      .list()
      .flatMap((each) => happeningsFrom(each, names)),
    endMs: root.at('end').duration(5 * 60_000, 24 * HOUR_MS),
  };
}

function parsed(text: string, name: string): unknown {
  try {
    return parse(text, { maxAliasCount: 20 }) as unknown;
  } catch (error) {
    const where = error instanceof YAMLParseError ? `:${error.linePos?.[0].line ?? 1}` : '';
    const what = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new LifeboatError('CONFIG_INVALID', `${name}${where}: not YAML: ${what}`);
  }
}

/** A number of them, or their names. */
function namesFrom(field: Field, prefix: string, byDefault: readonly string[]): readonly string[] {
  if (field.isMissing) return byDefault;
  if (typeof field.value === 'number') {
    return Array.from({ length: field.count(1, 200) }, (_, index) => `${prefix}${index + 1}`);
  }
  return field.list().map((each) => each.name());
}

function hostsFrom(field: Field): readonly ScenarioHost[] {
  const plain = { capacity: undefined, bootMs: 15_000, isIdle: false, fencingAction: 'reboot' } as const;
  if (typeof field.value !== 'object' || Array.isArray(field.value)) {
    return namesFrom(field, 'cmp', ['cmp1', 'cmp2', 'cmp3']).map((name) => ({ name, ...plain }));
  }
  return field.entries().map(([name, host]) => {
    host.knows('capacity', 'boot', 'idle', 'fencing');
    return {
      name,
      capacity: host.at('capacity').isMissing ? undefined : host.at('capacity').count(0, 100_000),
      bootMs: host.at('boot').duration(plain.bootMs, HOUR_MS),
      isIdle: host.at('idle').truth(false),
      fencingAction: host.at('fencing').word(['reboot', 'off'], 'reboot'),
    };
  });
}

type NamedInstance = InstanceSpec & { readonly name: string };

function instancesFrom(field: Field, hosts: readonly ScenarioHost[]): readonly NamedInstance[] {
  field.knows('name', 'host', 'count', 'state', 'task', 'metadata', 'spawn', 'group', 'last_call', 'resized_from');
  const known = hosts.map(({ name }) => name);
  const host = field.at('host').word(known);
  const name = field.at('name').name();
  const group = field.at('group');
  const spec: InstanceSpec = {
    host,
    vmState: field.at('state').text('active'),
    ...(field.at('task').isMissing ? {} : { taskState: field.at('task').text() }),
    ...(field.at('metadata').isMissing ? {} : { metadata: textsOf(field.at('metadata')) }),
    ...(field.at('spawn').isMissing ? {} : { spawnMs: field.at('spawn').duration(0, HOUR_MS) }),
    ...(field.at('resized_from').isMissing ? {} : { resizedFrom: field.at('resized_from').word(known) }),
    ...(field.at('last_call').isMissing ? {} : { lastAction: lastCallOf(field.at('last_call')) }),
    ...(group.isMissing
      ? {}
      : { group: { name: group.at('name').name(), policy: group.at('policy').word(['affinity', 'anti-affinity']) } }),
  };
  const count = field.at('count');
  if (count.isMissing) return [{ ...spec, name }];
  return Array.from({ length: count.count(1, 10_000) }, (_, index) => ({ ...spec, name: `${name}-${index + 1}` }));
}

function lastCallOf(field: Field): NonNullable<InstanceSpec['lastAction']> {
  field.knows('name', 'call');
  return { name: field.at('name').name(), call: field.at('call').word(['taken', 'queued']) };
}

function textsOf(field: Field): Readonly<Record<string, string>> {
  return Object.fromEntries(field.entries().map(([key, each]) => [key, String(each.value)]));
}

/** The section is a lifeboat.yaml of its own. */
function configFrom(field: Field, name: string): Scenario['config'] {
  return configFromText(field.isMissing ? '' : stringify(field.value), `${name} (lifeboat)`);
}

/** By their names in timings.ts, without the unit: `token: 2s`. */
function timingsFrom(field: Field): Partial<ClusterTimings> {
  if (field.isMissing) return {};
  const known = Object.keys(CLUSTER_TIMINGS).filter((key) => key !== 'monitorMs');
  field.knows(...known.map(plainWord));
  const entries = field.entries().map(([word, each]) => {
    const key = known.find((candidate) => plainWord(candidate) === word) ?? '';
    return [key, key === 'fenceAttempts' ? each.count(1, 100) : each.duration(0, HOUR_MS)];
  });
  return Object.fromEntries(entries) as Partial<ClusterTimings>;
}

/** tokenMs → token, fenceTimeoutMs → fence_timeout. */
function plainWord(key: string): string {
  return key.replace(/Ms$/, '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function cloudFrom(field: Field): Scenario['cloud'] {
  if (field.isMissing) return {};
  field.knows('spawn', 'spawn_concurrency', 'scheduler', 'report_interval', 'service_down_time', 'settle');
  const options: Record<string, number> = {};
  const durations = {
    spawn: 'spawnMs',
    scheduler: 'schedulerMs',
    report_interval: 'reportIntervalMs',
    service_down_time: 'serviceDownTimeMs',
    settle: 'settleMs',
  } as const;
  for (const [word, key] of Object.entries(durations)) {
    if (!field.at(word).isMissing) options[key] = field.at(word).duration(0, HOUR_MS);
  }
  const concurrency = field.at('spawn_concurrency');
  if (!concurrency.isMissing) options.spawnConcurrency = concurrency.count(1, 1_000);
  return options;
}
