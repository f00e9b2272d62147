import type { ControlRequest } from './protocol.ts';
import { bad, isLine, type Parsed } from './parsed.ts';
import { isStamp, isUuid, isWhole, stampOf } from './parse-import.ts';

type History = Extract<ControlRequest, { readonly op: 'import-history' }>['notifications'];
type Told = History[number];
type Vmove = Told['vmoves'][number];

const TYPES = ['COMPUTE_HOST', 'VM', 'PROCESS'] as const satisfies readonly Told['type'][];
const ENDED = ['finished', 'failed', 'ignored'] as const satisfies readonly Told['status'][];
const VMOVE_STATUSES = [
  'pending',
  'ongoing',
  'ignored',
  'failed',
  'succeeded',
] as const satisfies readonly Vmove['status'][];

/** Notifications with their moves, each of their fields as it should be. */
export function parseHistory(value: object): Parsed {
  const { by, notifications } = value as Readonly<Record<string, unknown>>;
  if (!isLine(by)) return bad('by must be one line of at most 200 characters');
  if (!Array.isArray(notifications)) return bad('notifications must be a list');
  const told: Told[] = [];
  for (const [index, each] of (notifications as readonly unknown[]).entries()) {
    const read = readNotification(each);
    if (typeof read === 'string') return bad(`notifications[${index}].${read}`);
    told.push(read);
  }
  return { outcome: 'request', request: { op: 'import-history', by, notifications: told } };
}

/** A text: what is wrong with it. */
function readNotification(value: unknown): Told | string {
  if (typeof value !== 'object' || value === null) return 'uuid must be there';
  const row = value as Readonly<Record<string, unknown>>;
  const { generatedAtMs, host, message, payload, segmentUuid, sourceHostUuid, uuid } = row;
  const vmoves = Array.isArray(row['vmoves']) ? (row['vmoves'] as readonly unknown[]) : [];
  const type = TYPES.find((each) => each === row['type']);
  const status = ENDED.find((each) => each === row['status']);
  if (!isUuid(uuid) || !isUuid(sourceHostUuid)) return 'uuid and sourceHostUuid must be uuids';
  if (segmentUuid !== undefined && !isUuid(segmentUuid)) return 'segmentUuid must be a uuid';
  if (type === undefined) return `type must be one of ${TYPES.join(', ')}`;
  if (status === undefined) return `status must be one of ${ENDED.join(', ')}: it has ended`;
  if (!isLine(host)) return 'host must be a name';
  if (!isOptionalText(message)) return 'message must be a text';
  if (!isTexts(payload)) return 'payload must be an object of texts';
  if (!vmoves.every(isVmove)) return 'vmoves must be a list of moves';
  if (!isWhole(generatedAtMs) || !isStamp(row)) return 'generatedAtMs, number and times must be whole numbers';
  const told = { uuid, type, host, sourceHostUuid, segmentUuid, payload, generatedAtMs, status, message };
  return { ...told, ...stampOf(row), vmoves };
}

function isVmove(value: unknown): value is Vmove {
  if (typeof value !== 'object' || value === null) return false;
  const row = value as Readonly<Record<string, unknown>>;
  const times = [row['startedAtMs'], row['endedAtMs'], row['updatedAtMs']];
  return (
    isUuid(row['uuid']) &&
    isWhole(row['id']) &&
    isWhole(row['createdAtMs']) &&
    times.every((each) => each === undefined || isWhole(each)) &&
    [row['instanceUuid'], row['instanceName'], row['sourceHost']].every((each) => typeof each === 'string') &&
    [row['destHost'], row['message']].every(isOptionalText) &&
    VMOVE_STATUSES.some((each) => each === row['status'])
  );
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((each) => typeof each === 'string');
}
