/** JSON Schema, as OpenAPI 3.1 takes it. The server validates by these, and the document shows them. */
export type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const time: Schema = { type: 'integer', description: 'milliseconds since the epoch' };
const number: Schema = { type: 'number' };

export function object(properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required };
}

export function listOf(items: Schema): Schema {
  return { type: 'array', items };
}

const hold = object({ host: text, kind: text, inShort: text, reason: text, remedy: text }, ['remedy']);

const host = object({ node: text, host: text, state: text, lostSinceMs: time, reason: text, remedy: text }, [
  'host',
  'lostSinceMs',
  'reason',
  'remedy',
]);

const move = object({ instance: text, name: text, state: text, from: text, to: text, reason: text, seconds: number }, [
  ...['to', 'reason', 'seconds'],
]);

const recovery = object(
  {
    id: text,
    host: text,
    node: text,
    state: text,
    reason: text,
    remedy: text,
    startedAtMs: time,
    finishedAtMs: time,
    acknowledged: text,
    proof: object({ by: text, action: text, completedAtMs: time }, ['action']),
    moves: listOf(move),
  },
  ['reason', 'remedy', 'finishedAtMs', 'acknowledged'],
);

const health = {
  state: { enum: ['starting', 'active', 'paused', 'deposed'] },
  version: text,
  node: text,
  recovering: { type: 'integer' },
  held: { type: 'integer' },
  failed: { type: 'integer' },
  summary: text,
  holds: listOf(hold),
  snapshotAgeMs: number,
  uptimeMs: number,
  paused: text,
  cloud: { enum: ['ok', 'unavailable', 'unknown'] },
  deaf: listOf(object({ address: text, reason: text })),
  capacity: object(
    {
      looked: { type: 'integer' },
      short: { type: 'integer' },
      shortfalls: listOf(
        object({ host: text, homeless: { type: 'integer' }, of: { type: 'integer' }, sentence: text }),
      ),
      failure: text,
    },
    ['failure'],
  ),
} satisfies Readonly<Record<string, Schema>>;

export const STATUS = object(health, ['snapshotAgeMs', 'uptimeMs', 'paused', 'deaf', 'capacity']);
export const HOSTS = object({ hosts: listOf(host) });
export const HOST = object({ host });
export const RECOVERIES = object({ recoveries: listOf(recovery), next: text }, ['next']);
export const RECOVERY = object({ recovery });
export const MOVES = object({ moves: listOf(move) });
export const HOLDS = object({ holds: listOf(hold) });
export const ORDERED = object({ outcome: { enum: ['done', 'refused'] }, lines: listOf(text) });
export const GATE = object({ host: text, for: text, gate: text, reason: text, remedy: text, since: text }, [
  'remedy',
  'since',
]);
export const FAULT = object({ error: object({ code: { type: 'integer' }, title: text, message: text }) });

const planned = object(
  {
    instance: text,
    name: text,
    priority: { type: 'integer' },
    group: text,
    after: listOf(text),
    place: { enum: ['host', 'reserved', 'none', 'left', 'unknown'] },
    host: text,
    reason: text,
  },
  ['group', 'host', 'reason'],
);
export const PLAN = object(
  {
    outcome: { enum: ['planned', 'refused'] },
    host: text,
    obstacles: listOf(object({ reason: text, remedy: text }, ['remedy'])),
    failure: text,
    moves: listOf(planned),
    reason: text,
    remedy: text,
  },
  ['host', 'obstacles', 'failure', 'moves', 'reason', 'remedy'],
);

/** A name of a host, a node, a recovery or an instance. */
export const NAME: Schema = { type: 'string', minLength: 1, maxLength: 255, pattern: '^[^\\u0000-\\u001f\\u007f]+$' };
const REASON: Schema = { type: 'string', minLength: 1, maxLength: 255, pattern: '^[^\\u0000-\\u001f\\u007f]+$' };

export const PAUSE: Schema = { ...object({ reason: REASON }), additionalProperties: false };
export const RESUME: Schema = { ...object({}), additionalProperties: false };
export const ORDER: Schema = { ...object({ reason: REASON }, ['reason']), additionalProperties: false };
export const PROCEED: Schema = {
  ...object({ hosts: { type: 'array', items: NAME, maxItems: 10_000 }, reason: REASON }, ['hosts', 'reason']),
  additionalProperties: false,
};
