import { novaError } from '../../src/simulation/cloud/answer.ts';
import type { Answer, Call } from '../../src/simulation/cloud/answer.ts';
import type { Microversion } from '../../src/simulation/cloud/bodies.ts';

/** What a list lets one ask, and from which microversion on it refuses what it does not know. */
interface Listing {
  readonly strictFrom: Microversion;
  readonly known: readonly string[];
}

const SERVICES: Listing = { strictFrom: 2075, known: ['host', 'binary'] };
const SERVERS: Listing = {
  strictFrom: 2075,
  known: [
    'all_tenants',
    'host',
    'limit',
    'marker',
    'status',
    'name',
    'project_id',
    'sort_key',
    'sort_dir',
    'deleted',
  ].concat(['uuid', 'changes-since', 'changes-before', 'vm_state', 'task_state']),
};
const MIGRATIONS: Listing = {
  strictFrom: 2059,
  known: ['hidden', 'host', 'instance_uuid', 'source_compute', 'status', 'migration_type', 'limit', 'marker'].concat([
    'changes-since',
    'changes-before',
    'user_id',
    'project_id',
  ]),
};

/** Nova's status words; a list by any other is refused from 2.38 on. */
const STATUSES = [
  'ACTIVE',
  'BUILD',
  'DELETED',
  'ERROR',
  'HARD_REBOOT',
  'MIGRATING',
  'PASSWORD',
  'PAUSED',
  'REBOOT',
].concat(
  ['REBUILD', 'RESCUE', 'RESIZE', 'REVERT_RESIZE', 'SHELVED', 'SHELVED_OFFLOADED', 'SHUTOFF', 'SOFT_DELETED'],
  ['SUSPENDED', 'UNKNOWN', 'VERIFY_RESIZE'],
);
const FLAG = /^(true|false|t|f|1|0|yes|no|y|n|on|off)?$/i;

export function refuseServicesQuery(call: Call, version: Microversion): Answer | undefined {
  return refuseUnknown(call, version, SERVICES);
}

export function refuseServersQuery(call: Call, version: Microversion): Answer | undefined {
  const inner = [...call.query.keys()].find((key) => key.startsWith('_'));
  const status = call.query.get('status');
  const allTenants = call.query.get('all_tenants');
  return (
    refuseUnknown(call, version, SERVERS) ??
    refuseValues(call) ??
    (inner === undefined ? undefined : novaError(400, `Invalid filter field: ${inner}.`)) ??
    (status !== null && version >= 2038 && !STATUSES.includes(status.toUpperCase())
      ? novaError(400, 'Invalid status value')
      : undefined) ??
    (allTenants !== null && !FLAG.test(allTenants)
      ? novaError(400, `Unrecognized value '${allTenants}', acceptable values are: '0', '1', 'false', 'true'`)
      : undefined)
  );
}

export function refuseMigrationsQuery(call: Call, version: Microversion): Answer | undefined {
  if (version < MIGRATIONS.strictFrom) return undefined;
  return refuseUnknown(call, version, MIGRATIONS) ?? refuseValues(call);
}

function refuseUnknown(call: Call, version: Microversion, listing: Listing): Answer | undefined {
  if (version < listing.strictFrom) return undefined;
  const unknown = [...call.query.keys()].find((key) => !listing.known.includes(key) && !key.startsWith('_'));
  if (unknown === undefined) return undefined;
  return novaError(
    400,
    listing === SERVERS ? `'${unknown}' does not match any of the regexes: '^_'` : additional(unknown),
  );
}

function additional(unknown: string): string {
  return `Additional properties are not allowed ('${unknown}' was unexpected)`;
}

function refuseValues(call: Call): Answer | undefined {
  const limit = call.query.get('limit');
  if (limit !== null && !/^\d+$/.test(limit)) {
    return novaError(
      400,
      `Invalid input for query parameters limit. Value: ${limit}. '${limit}' does not match '^[0-9]*$'`,
    );
  }
  const odd = ['changes-since', 'changes-before'].find((key) =>
    Number.isNaN(Date.parse(call.query.get(key) ?? '2000-01-01')),
  );
  if (odd === undefined) return undefined;
  const value = call.query.get(odd) ?? '';
  return novaError(400, `Invalid input for query parameters ${odd}. Value: ${value}. '${value}' is not a 'date-time'`);
}
