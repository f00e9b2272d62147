import type { Chance } from '../../src/simulation/chance.ts';

export interface FuzzedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

type Operation = {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
};
type Schema = Readonly<Record<string, unknown>>;

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const STRANGE_TEXTS = [
  ...[
    '',
    ' ',
    '\u0000',
    '\u001b[2J',
    '💥',
    'ä'.repeat(300),
    'x'.repeat(5_000),
    '../../etc/passwd',
    "'; DROP TABLE segment; --",
  ],
  ...[
    '%00',
    '${jndi:ldap://x}',
    '__proto__',
    'constructor',
    'null',
    'true',
    'NaN',
    '-1',
    '1e999',
    '\ud800',
    'a\r\nX: y',
  ],
  ...['00000000-0000-0000-0000-000000000000', '2026-13-45T99:99:99', '2026-11-22T06:38:18+25:00'],
];
const STRANGE_NUMBERS = [0, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER + 2, 2 ** 31, -0];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'];
const QUERIES = [
  ...['limit', 'marker', 'sort_key', 'sort_dir', 'enabled', 'recovery_method', 'service_type', 'type', 'status'],
  ...['on_maintenance', 'reserved', 'name', 'generated-since', 'source_host_uuid', 'host', 'state', 'for', 'nosuch'],
];

/** Right in all its parts, or with something wrong in it: half of the requests each, so that what is accepted is met too. */
export function fuzzedRequest(document: Document, known: Known, chance: Chance): FuzzedRequest {
  const [path, operations] = chance.pick(Object.entries(document.paths));
  const isRight = chance.happens(0.5);
  const methods = Object.keys(operations);
  const method = isRight || chance.happens(0.85) ? chance.pick(methods) : chance.pick(METHODS);
  const operation = operations[method] ?? operations[methods[0] ?? ''];
  const schema = operation?.requestBody?.content['application/json']?.schema;
  const body = isRight
    ? rightBody(path, schema, known, chance)
    : bodyOf(schema, method.toUpperCase(), known.all, chance);
  return {
    method: method.toUpperCase(),
    path: isRight ? rightPath(path, known, chance) : `${pathOf(path, known.all, chance)}${queryOf(chance)}`,
    headers: isRight ? { ...NEWEST, ...(body && JSON_BODY) } : headersOf(body, chance),
    body,
  };
}

/** Ids that earlier answers have given, by what they are of. */
export interface Known {
  readonly segments: readonly string[];
  /** With the segment that each belongs to. */
  readonly hosts: readonly (readonly [segment: string, host: string])[];
  readonly notifications: readonly string[];
  readonly all: readonly string[];
}

const NEWEST = { 'openstack-api-version': 'instance-ha 1.3' };
const JSON_BODY = { 'content-type': 'application/json' };
const HOSTS = ['compute-1', 'compute-2', 'compute-3', 'compute-4'];

function rightPath(path: string, known: Known, chance: Chance): string {
  const [segment, host] = known.hosts.length > 0 ? chance.pick(known.hosts) : ['none', 'none'];
  const isOfHost = path.includes('/segments/{segment}/hosts/{host}');
  const values: Readonly<Record<string, string>> = {
    segment: isOfHost || known.segments.length === 0 ? segment : chance.pick(known.segments),
    host: isOfHost ? host : chance.pick(HOSTS),
    notification: known.notifications.length > 0 ? chance.pick(known.notifications) : 'none',
    extension: 'segments',
  };
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? chance.pick(HOSTS)));
}

function rightBody(path: string, schema: Schema | undefined, known: Known, chance: Chance): Buffer | undefined {
  if (schema === undefined) return undefined;
  const value =
    path === '/v1/notifications' ? { notification: rightNotification(chance) } : rightValue(schema, known, chance);
  return Buffer.from(JSON.stringify(value));
}

function rightNotification(chance: Chance): object {
  const event = chance.pick(['STARTED', 'STOPPED']);
  const generated = new Date(Date.UTC(2026, 10, 22) + chance.between(0, 10_000_000_000)).toISOString().slice(0, 23);
  const [type, payload] = chance.pick<readonly [string, object]>([
    ['COMPUTE_HOST', { event, host_status: chance.pick(['NORMAL', 'UNKNOWN']), cluster_status: 'OFFLINE' }],
    ['PROCESS', { event, process_name: chance.pick(['nova-compute', 'libvirtd']) }],
    ['VM', { event: 'LIFECYCLE', vir_domain_event: 'STOPPED_FAILED', instance_uuid: chance.uuid() }],
  ]);
  return { type, hostname: chance.pick(HOSTS), generated_time: generated, payload };
}

/** Every text of it has a form that each pattern of the document takes. */
function rightValue(schema: Schema, known: Known, chance: Chance): unknown {
  const options = schema['enum'];
  if (Array.isArray(options)) return chance.pick(options as unknown[]);
  const properties = schema['properties'] as Readonly<Record<string, Schema>> | undefined;
  if (properties !== undefined) {
    return Object.fromEntries(
      Object.entries(properties).map(([name, child]) => [
        name,
        name === 'name' && 'control_attributes' in properties ? chance.pick(HOSTS) : rightValue(child, known, chance),
      ]),
    );
  }
  if (schema['type'] === 'array') return [];
  return `n${chance.between(0, 1_000_000)}`;
}

function pathOf(path: string, known: readonly string[], chance: Chance): string {
  const filled = path.replaceAll(/\{\w+\}/g, () =>
    encodeURIComponent(wellFormed(chance.happens(0.7) && known.length > 0 ? chance.pick(known) : strangeText(chance))),
  );
  if (chance.happens(0.03)) return `${filled}${chance.pick(['.json', '.xml', '//', '/%zz', '/%c0%ae', '/..%2f', '?'])}`;
  return chance.happens(0.1) ? filled.replace('/v1/', `/v1/${chance.pick(['abc123', 'ffff', 'zz'])}/`) : filled;
}

function queryOf(chance: Chance): string {
  if (chance.happens(0.6)) return '';
  const parts = Array.from({ length: chance.between(1, 3) }, () => {
    const value = chance.happens(0.4) ? chance.pick(['1', 'True', 'asc', 'name', 'auto', '0']) : strangeText(chance);
    return `${chance.pick(QUERIES)}=${encodeURIComponent(wellFormed(value))}`;
  });
  return `?${parts.join('&')}`;
}

function headersOf(body: Buffer | undefined, chance: Chance): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  if (body !== undefined) {
    headers['content-type'] = chance.happens(0.9)
      ? 'application/json'
      : chance.pick(['text/plain', 'application/xml', 'application/json; charset=utf-16', '', 'multipart/form-data']);
  }
  if (chance.happens(0.3)) {
    const version = chance.pick(['1.0', '1.1', '1.2', '1.3', 'latest', '9.9', 'x', '1.', '-1.0', '1.0000000000000001']);
    headers['openstack-api-version'] = `${chance.pick(['instance-ha', 'masakari', 'compute'])} ${version}`;
  }
  if (chance.happens(0.05)) headers['accept'] = chance.pick(['*/*', 'text/html', 'application/xml', '']);
  if (chance.happens(0.03)) headers['last-event-id'] = 'x-y-z';
  return headers;
}

function bodyOf(
  schema: Schema | undefined,
  method: string,
  known: readonly string[],
  chance: Chance,
): Buffer | undefined {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return undefined;
  if (chance.happens(0.05))
    return chance.pick([
      Buffer.alloc(0),
      Buffer.from([0xff, 0xfe, 0x00]),
      Buffer.from('{'),
      Buffer.alloc(200_000, 'x'),
    ]);
  const value = schema === undefined ? strange(chance, 2) : valueOf(schema, known, chance, chance.pick([0, 0.02, 0.1]));
  return Buffer.from(JSON.stringify(value) ?? 'null');
}

/** A value of the schema; each part of it is wrong with this probability. */
function valueOf(schema: Schema, known: readonly string[], chance: Chance, wrong: number): unknown {
  if (chance.happens(wrong)) return strange(chance, 2);
  const options = schema['enum'];
  if (Array.isArray(options)) return chance.pick(options as unknown[]);
  const type = Array.isArray(schema['type']) ? chance.pick(schema['type'] as string[]) : schema['type'];
  if (type === 'object' || schema['properties'] !== undefined) {
    const properties = Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, Schema>>);
    const kept = properties.filter(() => !chance.happens(wrong / 2));
    const entries = kept.map(([name, child]): [string, unknown] => [name, valueOf(child, known, chance, wrong)]);
    if (properties.length === 0) entries.push(...payload(known, chance));
    if (chance.happens(wrong)) entries.push([strangeText(chance), strange(chance, 1)]);
    return Object.fromEntries(entries);
  }
  if (type === 'array') return [strangeText(chance)];
  if (type === 'boolean') return chance.happens(0.5);
  if (type === 'null') return null;
  const examples = schema['examples'];
  if (Array.isArray(examples)) return chance.pick(examples as unknown[]);
  return chance.happens(0.5) && known.length > 0 ? chance.pick(known) : `name-${chance.between(1, 50)}`;
}

function payload(known: readonly string[], chance: Chance): readonly [string, unknown][] {
  return [
    ['event', chance.pick(['STARTED', 'STOPPED', 'LIFECYCLE', strangeText(chance)])],
    ...(chance.pick([
      [['host_status', chance.pick(['NORMAL', 'UNKNOWN'])]],
      [['process_name', 'nova-compute']],
      [
        ['instance_uuid', chance.happens(0.5) && known.length > 0 ? chance.pick(known) : strangeText(chance)],
        ['vir_domain_event', 'STOPPED_FAILED'],
      ],
    ]) as [string, unknown][]),
  ];
}

function strange(chance: Chance, depth: number): unknown {
  const kind = chance.between(0, depth > 0 ? 6 : 4);
  if (kind === 0) return null;
  if (kind === 1) return chance.happens(0.5);
  if (kind === 2) return chance.pick(STRANGE_NUMBERS);
  if (kind < 5) return strangeText(chance);
  if (kind === 5) return Array.from({ length: chance.between(0, 3) }, () => strange(chance, depth - 1));
  return Object.fromEntries(
    Array.from({ length: chance.between(0, 3) }, () => [strangeText(chance), strange(chance, depth - 1)]),
  );
}

function strangeText(chance: Chance): string {
  return chance.pick(STRANGE_TEXTS);
}

/** What encodeURIComponent takes. */
function wellFormed(text: string): string {
  return text.toWellFormed();
}
