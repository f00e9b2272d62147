import { FAULTY_ROUTES } from '../cloud/faults.ts';
import type { FaultSpec, FateEffect, RequestEffect } from '../cloud/faults.ts';
import type { BmcMode } from '../cluster/machine.ts';
import type { Field } from './field.ts';
import type { Happening, TimedHappening } from './happening.ts';

export interface KnownNames {
  readonly nodes: readonly string[];
  readonly hosts: readonly string[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** One entry of the timeline: `at`, and what happens then. Several nodes make several happenings. */
export function happeningsFrom(field: Field, names: KnownNames): readonly TimedHappening[] {
  const verbs = Object.keys(READERS);
  field.knows('at', ...verbs);
  const atMs = field.at('at').duration(0, DAY_MS);
  const said = verbs.filter((verb) => !field.at(verb).isMissing);
  if (said.length === 0) field.refuse(`nothing happens; expected one of ${verbs.join(', ')}`);
  return said.flatMap((verb) => (READERS[verb]?.(field.at(verb), names) ?? []).map((what) => ({ atMs, what })));
}

type Reader = (field: Field, names: KnownNames) => readonly Happening[];

/** A node, or a list of nodes. */
function forNodes(make: (node: string) => Happening): Reader {
  return (field, { nodes }) => {
    const fields = Array.isArray(field.value) ? field.list() : [field];
    return fields.map((each) => make(each.word(nodes)));
  };
}

/** A map of nodes. */
function byNode(make: (node: string, field: Field) => Happening): Reader {
  return (field, { nodes }) => {
    field.knows(...nodes);
    return field.entries().map(([node, each]) => make(node, each));
  };
}

const READERS: Readonly<Record<string, Reader>> = {
  kill: forNodes((node) => ({ kind: 'kill', node })),
  power_on: forNodes((node) => ({ kind: 'power on', node })),
  crash: forNodes((node) => ({ kind: 'crash', node })),
  start: forNodes((node) => ({ kind: 'start', node })),
  shutdown: forNodes((node) => ({ kind: 'shutdown', node })),
  cut: forNodes((node) => ({ kind: 'cut', node })),
  connect: forNodes((node) => ({ kind: 'connect', node })),
  fence: forNodes((node) => ({ kind: 'fence', node })),
  confirm: forNodes((node) => ({ kind: 'confirm', node })),
  standby: forNodes((node) => ({ kind: 'standby', node, on: true })),
  unstandby: forNodes((node) => ({ kind: 'standby', node, on: false })),
  maintenance: forNodes((node) => ({ kind: 'maintenance', node, on: true })),
  end_maintenance: forNodes((node) => ({ kind: 'maintenance', node, on: false })),
  disable: forNodes((node) => ({ kind: 'connection', node, change: 'disabled' })),
  enable: forNodes((node) => ({ kind: 'connection', node, change: 'enabled' })),
  unmanage: forNodes((node) => ({ kind: 'connection', node, change: 'unmanaged' })),
  manage: forNodes((node) => ({ kind: 'connection', node, change: 'managed' })),
  stonith_enabled: (field) => [{ kind: 'option', option: 'stonithEnabled', value: field.truth(true) }],
  maintenance_mode: (field) => [{ kind: 'option', option: 'maintenanceMode', value: field.truth(true) }],
  stop_all_resources: (field) => [{ kind: 'option', option: 'stopAllResources', value: field.truth(true) }],
  split: (field, { nodes }) => [
    {
      kind: 'split',
      groups: field
        .list()
        .map((group) => (Array.isArray(group.value) ? group.list() : [group]).map((each) => each.word(nodes))),
    },
  ],
  heal: (field) => (field.truth(true) ? [{ kind: 'split', groups: [] }] : []),
  bmc: byNode((node, field) => ({ kind: 'bmc', node, mode: bmcMode(field) })),
  clean_history: (field) => (field.truth(true) ? [{ kind: 'clean history' }] : []),
  kill_engine: (field) => {
    if (typeof field.value === 'boolean') return field.truth(true) ? [{ kind: 'kill engine' }] : [];
    field.knows('before_effect', 'after_effect');
    const moment = field.at('before_effect').isMissing ? 'after' : 'before';
    return [{ kind: 'kill engine at', moment, effect: field.at(`${moment}_effect`).count(1, 100_000) }];
  },
  freeze_engine: (field) => {
    field.knows('for');
    return [{ kind: 'freeze engine', forMs: field.at('for').duration(1_000, HOUR_MS) }];
  },
  alerts: (field) => {
    field.knows('lost', 'doubled', 'late');
    const share = (key: string): number => (field.at(key).isMissing ? 0 : field.at(key).share());
    const lateMs = field.at('late').duration(0, HOUR_MS);
    return [{ kind: 'alerts', alerts: { lost: share('lost'), doubled: share('doubled'), lateMs } }];
  },
  clock: byNode((node, field) => ({ kind: 'clock', node, byMs: jump(field) })),
  crm: (field) => [{ kind: 'crm', readMs: field.value === 'hangs' ? DAY_MS : field.duration(0, DAY_MS) }],
  nova: (field) => {
    const word = field.word(['well', 'down', 'hangs', 'unauthorized']);
    if (word === 'well') return [{ kind: 'nova is well' }];
    return [{ kind: 'fault', fault: { route: '*', effect: OUTAGES[word] } }];
  },
  fault: (field) => [{ kind: 'fault', fault: faultFrom(field) }],
  all_is_well: (field) => (field.truth(true) ? [{ kind: 'all is well' }] : []),
  disk: byNode((node, field) => ({ kind: 'disk', node, disk: field.word(['full', 'well']) })),
  report: (field, { hosts }) => [{ kind: 'report', host: field.word(hosts) }],
  delete: (field) => [{ kind: 'delete', instance: field.name() }],
  boot: (field, { hosts }) => {
    field.knows('host', 'name');
    return [{ kind: 'boot', host: field.at('host').word(hosts), instance: field.at('name').name() }];
  },
};

const OUTAGES: Readonly<Record<'down' | 'hangs' | 'unauthorized', RequestEffect>> = {
  down: { kind: 'status', status: 503 },
  hangs: { kind: 'delay', ms: DAY_MS },
  unauthorized: { kind: 'status', status: 401 },
};

/** Beyond what a duration says, a jump may go back: -10m. */
function jump(field: Field): number {
  const text = field.text();
  const back = text.startsWith('-');
  const ms = field.sibling(back ? text.slice(1) : text).duration(0, 365 * DAY_MS);
  return back ? -ms : ms;
}

function bmcMode(field: Field): BmcMode {
  const [word = '', length] = field.text().split(' ');
  const kind = field.sibling(word).word(['ok', 'fail', 'hang', 'lie', 'norestart', 'partial', 'slow', 'late']);
  if (kind !== 'slow' && kind !== 'late') return { kind };
  return { kind, ms: field.sibling(length).duration(30_000, HOUR_MS) };
}

/** `{ call: evacuate, status: 503, times: 2 }`, `{ no_valid_host: true, instance: web-1 }`, … */
function faultFrom(field: Field): FaultSpec {
  field.knows(
    'call',
    'host',
    'instance',
    'times',
    'status',
    'delay',
    'lose',
    'garbage',
    'no_valid_host',
    'never_ends',
    'spawn',
  );
  const effect = effectOf(field);
  const isFate = effect.kind === 'no-valid-host' || effect.kind === 'never-finishes' || effect.kind === 'spawn';
  return {
    ...(isFate ? {} : { route: field.at('call').word(FAULTY_ROUTES, '*') }),
    effect,
    ...(field.at('times').isMissing ? {} : { times: field.at('times').count(1, 1_000_000) }),
    ...(field.at('host').isMissing ? {} : { host: field.at('host').name() }),
    ...(field.at('instance').isMissing ? {} : { instanceId: field.at('instance').name() }),
  };
}

function effectOf(field: Field): RequestEffect | FateEffect {
  if (!field.at('status').isMissing) return { kind: 'status', status: field.at('status').count(400, 599) };
  if (!field.at('delay').isMissing) return { kind: 'delay', ms: field.at('delay').duration(0, DAY_MS) };
  if (!field.at('lose').isMissing) {
    const when = field.at('lose').word(['request', 'answer']);
    return { kind: 'drop', when: when === 'request' ? 'before-executing' : 'after-executing' };
  }
  if (field.at('garbage').truth(false)) return { kind: 'html', status: 200 };
  if (field.at('no_valid_host').truth(false)) return { kind: 'no-valid-host' };
  if (field.at('never_ends').truth(false)) return { kind: 'never-finishes' };
  if (!field.at('spawn').isMissing) return { kind: 'spawn', ms: field.at('spawn').duration(0, HOUR_MS) };
  return field.refuse('expected one of status, delay, lose, garbage, no_valid_host, never_ends, spawn');
}
