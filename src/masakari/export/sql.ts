import { columnsOf, SCHEMAS, type MasakariTable, type Schema, type SchemaName } from '../database/schema.ts';
import type { HeldRow, Holdings } from '../holdings.ts';

type Value = string | number | boolean | Date | undefined;
type Columns = Readonly<Record<string, Value>>;

/**
 * Statements that bring it into a database of Masakari with that schema, all or nothing: a uuid or a name that is there
 * already refuses the whole of it.
 */
export function exportSql({ hosts, notifications, segments, vmoves }: Holdings, name: SchemaName): string {
  const schema = SCHEMAS[name];
  const inserts = [
    ...segments.map((segment) =>
      insert('failover_segments', schema, {
        ...stampOf(segment),
        uuid: segment.uuid,
        name: segment.name,
        service_type: segment.serviceType,
        enabled: segment.enabled,
        description: segment.description,
        recovery_method: segment.recoveryMethod,
      }),
    ),
    ...hosts.map((host) =>
      insert('hosts', schema, {
        ...stampOf(host),
        uuid: host.uuid,
        name: host.name,
        reserved: host.reserved,
        type: host.type,
        control_attributes: host.controlAttributes,
        on_maintenance: host.onMaintenance,
        failover_segment_id: host.segmentUuid,
      }),
    ),
    ...notifications.map((notification) =>
      insert('notifications', schema, {
        ...stampOf(notification),
        notification_uuid: notification.uuid,
        generated_time: new Date(notification.generatedAtMs),
        type: notification.type,
        payload: JSON.stringify(notification.payload),
        status: notification.status,
        source_host_uuid: notification.sourceHostUuid,
        failover_segment_uuid: notification.segmentUuid,
        message: notification.message,
      }),
    ),
    // Those that keep their ids come first, so that none that is given is one of these.
    ...(schema.hasVmoves ? vmoves : [])
      .toSorted((a, b) => Number(a.id === undefined) - Number(b.id === undefined))
      .map((vmove) =>
        insert('vmoves', schema, {
          ...stampOf(vmove),
          uuid: vmove.uuid,
          notification_uuid: vmove.notificationUuid,
          instance_uuid: vmove.instanceUuid,
          instance_name: vmove.instanceName,
          source_host: vmove.sourceHost,
          dest_host: vmove.destHost,
          start_time: timeOf(vmove.startedAtMs),
          end_time: timeOf(vmove.endedAtMs),
          type: 'evacuation',
          status: vmove.status,
          message: vmove.message,
        }),
      ),
  ];
  return [
    `-- For a database of Masakari with the schema of ${schema.releases}: mysql masakari < masakari.sql`,
    "SET NAMES utf8mb4, SESSION sql_mode = 'STRICT_ALL_TABLES', SESSION time_zone = '+00:00';",
    'START TRANSACTION;',
    ...inserts,
    'COMMIT;',
    '',
  ].join('\n');
}

function insert(table: MasakariTable, schema: Schema, row: Columns): string {
  const columns = columnsOf(table, schema);
  const values = columns.map((column) => literal(row[column]));
  return `INSERT INTO ${table} (${columns.map((column) => `\`${column}\``).join(', ')}) VALUES (${values.join(', ')});`;
}

function stampOf({ createdAtMs, id, updatedAtMs }: HeldRow): Columns {
  return { id, created_at: timeOf(createdAtMs), updated_at: timeOf(updatedAtMs), deleted: 0 };
}

function timeOf(atMs: number | undefined): Date | undefined {
  return atMs === undefined ? undefined : new Date(atMs);
}

/** An id of NULL is one that the database gives. */
function literal(value: Value): string {
  if (value === undefined) return 'NULL';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (value instanceof Date) return `'${value.toISOString().slice(0, 19).replace('T', ' ')}'`;
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\0', '\\0')}'`;
}
