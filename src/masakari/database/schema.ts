/** A schema of Masakari's database, by the releases that have it. */
export interface Schema {
  readonly name: SchemaName;
  readonly releases: string;
  readonly hasVmoves: boolean;
  /** Of a notification: failover_segment_uuid and message. */
  readonly notificationsTellMore: boolean;
}

export const SCHEMA_NAMES = ['zed', '2023.1', '2025.2'] as const;
export type SchemaName = (typeof SCHEMA_NAMES)[number];

export const SCHEMAS: Readonly<Record<SchemaName, Schema>> = {
  zed: { name: 'zed', releases: 'Wallaby to Zed', hasVmoves: false, notificationsTellMore: false },
  '2023.1': { name: '2023.1', releases: '2023.1 to 2025.1', hasVmoves: true, notificationsTellMore: false },
  '2025.2': { name: '2025.2', releases: '2025.2 to 2026.1', hasVmoves: true, notificationsTellMore: true },
};

/** What the migrations leave behind them: of sqlalchemy-migrate a number, of Alembic a name. */
export const SCHEMA_OF_VERSION: Readonly<Record<string, SchemaName>> = {
  7: 'zed',
  '8f848eb45d03': 'zed',
  8: '2023.1',
  '8bdf5929c5a6': '2023.1',
  '13adff5efb9a': '2025.2',
};

/** Which columns are read, by the name that they have in Masakari. */
export const COLUMNS = {
  failover_segments: ['uuid', 'name', 'service_type', 'enabled', 'description', 'recovery_method'],
  hosts: ['uuid', 'name', 'reserved', 'type', 'control_attributes', 'on_maintenance', 'failover_segment_id'],
  notifications: ['notification_uuid', 'generated_time', 'type', 'payload', 'status', 'source_host_uuid'],
  vmoves: [
    'uuid',
    'notification_uuid',
    'instance_uuid',
    'instance_name',
    'source_host',
    'dest_host',
    'start_time',
    'end_time',
    'type',
    'status',
    'message',
  ],
} as const;

export type MasakariTable = keyof typeof COLUMNS;

export const COLUMNS_OF_EVERY_TABLE = ['id', 'created_at', 'updated_at', 'deleted'] as const;
export const TOLD_MORE = ['failover_segment_uuid', 'message'] as const;

export function columnsOf(table: MasakariTable, schema: Schema): readonly string[] {
  const more = table === 'notifications' && schema.notificationsTellMore ? TOLD_MORE : [];
  return [...COLUMNS_OF_EVERY_TABLE, ...COLUMNS[table], ...more];
}

export function tablesOf(schema: Schema): readonly MasakariTable[] {
  return schema.hasVmoves
    ? ['failover_segments', 'hosts', 'notifications', 'vmoves']
    : ['failover_segments', 'hosts', 'notifications'];
}
