import type { ControlRequest } from './protocol.ts';
import { bad, isLine, type Parsed } from './parsed.ts';

export type Stamp = Pick<ImportRequest['segment'], 'number' | 'createdAtMs' | 'updatedAtMs'>;

type ImportRequest = Extract<ControlRequest, { readonly op: 'import' }>;

const METHODS: Readonly<Record<ImportRequest['segment']['recoveryMethod'], true>> = {
  auto: true,
  reserved_host: true,
  auto_priority: true,
  rh_priority: true,
};
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A segment with its hosts, each of its fields as it should be. */
export function parseImport(value: object): Parsed {
  const { by, segment } = value as Readonly<Record<string, unknown>>;
  if (!isLine(by)) return bad('by must be one line of at most 200 characters');
  if (typeof segment !== 'object' || segment === null) return bad('segment must be an object');
  const { description, enabled, hosts, name, recoveryMethod, serviceType, uuid } = segment as Readonly<
    Record<string, unknown>
  >;
  if (!isUuid(uuid)) return bad('segment.uuid must be a uuid');
  if (!isName(name) || !isName(serviceType)) return bad('segment.name and segment.serviceType must be names');
  if (!isMethod(recoveryMethod)) return bad(`segment.recoveryMethod must be one of ${Object.keys(METHODS).join(', ')}`);
  if (typeof enabled !== 'boolean') return bad('segment.enabled must be true or false');
  if (description !== undefined && typeof description !== 'string') return bad('segment.description must be a text');
  if (!Array.isArray(hosts) || !hosts.every(isHost)) return bad('segment.hosts must be a list of hosts');
  if (!isStamp(segment)) return bad('number and times of segment must be whole numbers');
  const read: ImportRequest['segment'] = {
    ...{ uuid, name, serviceType, enabled, description, recoveryMethod, ...stampOf(segment) },
    hosts: hosts.map((host) => ({
      uuid: host.uuid,
      name: host.name,
      type: host.type,
      controlAttributes: host.controlAttributes,
      reserved: host.reserved,
      onMaintenance: host.onMaintenance,
      ...stampOf(host),
    })),
  };
  return { outcome: 'request', request: { op: 'import', by, segment: read } };
}

function isHost(value: unknown): value is ImportRequest['segment']['hosts'][number] {
  if (typeof value !== 'object' || value === null) return false;
  const { controlAttributes, name, onMaintenance, reserved, type, uuid } = value as Readonly<Record<string, unknown>>;
  const areTexts = typeof type === 'string' && typeof controlAttributes === 'string';
  const areMarks = typeof reserved === 'boolean' && typeof onMaintenance === 'boolean';
  return isUuid(uuid) && isName(name) && areTexts && areMarks && isStamp(value);
}

function isMethod(value: unknown): value is keyof typeof METHODS {
  return typeof value === 'string' && Object.hasOwn(METHODS, value);
}

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}

/** As Masakari takes a name. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[^\p{C}\p{Zl}\p{Zp}]{1,255}$/u.test(value) && value.trim() === value;
}

/** Of a row elsewhere: each of them may be left out. */
export function isStamp(value: object): value is Stamp {
  const { createdAtMs, number, updatedAtMs } = value as Readonly<Record<string, unknown>>;
  return [createdAtMs, number, updatedAtMs].every((each) => each === undefined || isWhole(each));
}

export function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

export function stampOf({ createdAtMs, number, updatedAtMs }: Stamp): Stamp {
  return { createdAtMs, number, updatedAtMs };
}
