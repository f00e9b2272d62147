import { createHash } from 'node:crypto';
import type { CloudPorts } from './cloud-lab.ts';
import { list, query, quote } from './database.ts';
import { databaseUrl, messagesUrl, REGION } from './ini.ts';
import { dataFolder } from './layout.ts';
import type { CloudLayout } from './layout.ts';
import type { CloudPlan, CloudSecrets } from './plan.ts';
import { MEASURED_OFFSET } from './ports.ts';

/** A second region, whose Keystone and Nova are where a test listens to see (or spoil) the calls. */
export const MEASURED_REGION = 'Measured';

interface Service {
  readonly type: string;
  readonly name: string;
  readonly port: keyof CloudPorts;
  readonly path: string;
}

const SERVICES: readonly Service[] = [
  { type: 'identity', name: 'keystone', port: 'keystone', path: '/v3' },
  { type: 'compute', name: 'nova', port: 'nova', path: '/v2.1' },
  { type: 'placement', name: 'placement', port: 'placement', path: '' },
  { type: 'image', name: 'glance', port: 'glance', path: '' },
  { type: 'network', name: 'neutron', port: 'neutron', path: '' },
  { type: 'instance-ha', name: 'masakari', port: 'masakari', path: '/v1/$(tenant_id)s' },
];

/**
 * Writes everything in the databases that names an address, a port, a password or a folder. Done at every start, by
 * SQL: a seed made for one address then serves all, and no service needs to run for it.
 */
export async function adaptDatabases(layout: CloudLayout, plan: CloudPlan, secrets: CloudSecrets): Promise<void> {
  await query(layout, 'keystone', catalogStatements(plan));
  await query(layout, 'nova_api', `${cellStatements(plan, secrets)} ${hostStatements(plan.hosts)}`);
  const images = quote(`file://${dataFolder(layout)}/images/`);
  await query(layout, 'glance', `UPDATE image_locations SET value = CONCAT(${images}, image_id);`);
}

/** What `nova-manage cell_v2 discover_hosts` does, before the host's first start instead of after it. */
export function hostStatements(hosts: readonly string[]): string {
  const rows = hosts.map(
    (host) => `SELECT UTC_TIMESTAMP(), id, ${quote(host)} FROM cell_mappings WHERE name = 'cell1'`,
  );
  return rows.map((row) => `INSERT IGNORE INTO host_mappings (created_at, cell_id, host) ${row};`).join(' ');
}

/** Makes the two cells known, as `nova-manage cell_v2 map_cell0` and `create_cell` do. */
export function cellStatements(plan: CloudPlan, secrets: CloudSecrets): string {
  const cells = [
    { id: 1, uuid: '00000000-0000-0000-0000-000000000000', name: 'cell0', url: 'none:///', database: 'nova_cell0' },
    { id: 2, uuid: idOf('cell1', 'uuid'), name: 'cell1', url: messagesUrl(plan, secrets), database: 'nova' },
  ] as const;
  const rows = cells.map(({ id, uuid, name, url, database }) => {
    const texts = [uuid, name, url, databaseUrl(plan, secrets, database)].map(quote).join(', ');
    return `(UTC_TIMESTAMP(), ${id}, ${texts}, 0)`;
  });
  return `INSERT INTO cell_mappings (created_at, id, uuid, name, transport_url, database_connection, disabled)
    VALUES ${rows.join(', ')} ON DUPLICATE KEY UPDATE
    transport_url = VALUES(transport_url), database_connection = VALUES(database_connection);`;
}

function catalogStatements(plan: CloudPlan): string {
  const services = SERVICES.map(
    ({ type, name }) => `(${quote(idOf(type))}, ${quote(type)}, 1, ${quote(JSON.stringify({ name }))})`,
  );
  const endpoints = SERVICES.flatMap((service) => {
    const url = (offset: number): string =>
      `http://${plan.address}:${plan.ports[service.port] + offset}${service.path}`;
    const isMeasured = service.type === 'identity' || service.type === 'compute';
    return [
      ...endpointRows(service.type, REGION, url(0)),
      ...endpointRows(service.type, MEASURED_REGION, url(isMeasured ? MEASURED_OFFSET : 0)),
    ];
  });
  return `
    INSERT IGNORE INTO region (id, description, extra) VALUES ('${REGION}', '', '{}'), ('${MEASURED_REGION}', '', '{}');
    DELETE FROM endpoint; DELETE FROM service WHERE id NOT IN ${list(SERVICES.map(({ type }) => idOf(type)))};
    INSERT IGNORE INTO service (id, type, enabled, extra) VALUES ${services.join(', ')};
    INSERT INTO endpoint (id, interface, service_id, url, extra, enabled, region_id) VALUES ${endpoints.join(', ')};`;
}

function endpointRows(type: string, region: string, url: string): readonly string[] {
  return ['public', 'internal', 'admin'].map((side) => {
    const texts = [idOf(type, region, side), side, idOf(type), url, '{}'].map(quote).join(', ');
    return `(${texts}, 1, ${quote(region)})`;
  });
}

/** 32 digits as Keystone's ids are, always the same for the same words. */
function idOf(...words: readonly string[]): string {
  return createHash('sha256').update(words.join(' ')).digest('hex').slice(0, 32);
}
