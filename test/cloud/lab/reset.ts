import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isFrozen, killCgroup } from '../../cluster/lab/cgroup.ts';
import { isComputeRunning, launchAll, waitUp } from './computes.ts';
import { list, query, quote } from './database.ts';
import { startNovaService } from './farm.ts';
import {
  computeService,
  dataFolder,
  elsewhereMark,
  PYTHON,
  PYTHON_FOLDER,
  serviceCgroup,
  spawnDelayFile,
} from './layout.ts';
import type { CloudLayout } from './layout.ts';
import { readSecrets } from './plan.ts';
import type { CloudPlan } from './plan.ts';
import { runTool, waitForService } from './process.ts';
import { isReady } from './services.ts';

/** Emptied, not truncated: on a small table InnoDB deletes rows far sooner than it makes a new file. */
const NOVA_TABLES = [
  'block_device_mapping',
  'console_auth_tokens',
  'instance_actions_events',
  'instance_actions',
  'instance_extra',
  'instance_faults',
  'instance_id_mappings',
  'instance_info_caches',
  'instance_metadata',
  'instance_system_metadata',
  'migrations',
  'tags',
  'task_log',
  'virtual_interfaces',
  'volume_id_mappings',
  'volume_usage_cache',
  'instances',
];
const API_TABLES = [
  'aggregate_hosts',
  'aggregate_metadata',
  'aggregates',
  'build_requests',
  'flavor_extra_specs',
  'flavor_projects',
  'instance_group_member',
  'instance_group_policy',
  'instance_groups',
  'instance_mappings',
  'key_pairs',
  'quotas',
  'request_specs',
];
const PLACEMENT_TABLES = ['allocations', 'consumers', 'resource_provider_aggregates', 'placement_aggregates'];
const MASAKARI_TABLES = ['notifications', 'hosts', 'failover_segments', 'atomdetails', 'flowdetails', 'logbooks'];

/**
 * Back to the cloud as it was started. The databases are emptied under the running services; a nova-compute that had
 * anything is killed before that and started after it, since it keeps its guests and its claims in memory. One that
 * somebody else started (`computeCommand`) is that caller's to restart.
 */
export async function resetCloud(layout: CloudLayout, plan: CloudPlan, imageId: string): Promise<void> {
  const known = await knownHosts(layout);
  const touched = await touchedHosts(layout);
  const elsewhere = known.filter((host) => existsSync(elsewhereMark(layout, host)));
  const own = plan.hosts.filter((host) => !elsewhere.includes(host));
  const again = own.filter((host) => touched.has(host) || !isSound(layout, host));
  const strangers = known.filter((host) => !own.includes(host) && !elsewhere.includes(host));
  const hadAggregates = (await query(layout, 'nova_api', 'SELECT id FROM aggregates LIMIT 1')).length > 0;

  for (const host of [...again, ...strangers]) await killCgroup(serviceCgroup(layout, computeService(host)));
  for (const host of known) rmSync(spawnDelayFile(layout, host), { force: true });
  await Promise.all([
    emptyDatabases(layout, plan, imageId, strangers),
    purge(layout, plan, [...again, ...strangers, ...elsewhere]),
  ]);
  // The scheduler keeps aggregates in memory, and only the API would tell it of their end.
  if (hadAggregates) await restartScheduler(layout);
  await launchAll(layout, again);
  // The first heartbeat comes late; that the service takes messages is seen already.
  const beat = `UPDATE services SET last_seen_up = UTC_TIMESTAMP() WHERE host IN ${list(again)} AND \`binary\` = 'nova-compute'`;
  await query(layout, 'nova', beat);
  await waitUp(layout, plan, own);
}

function isSound(layout: CloudLayout, host: string): boolean {
  return isComputeRunning(layout, host) && !isFrozen(serviceCgroup(layout, computeService(host)));
}

async function knownHosts(layout: CloudLayout): Promise<readonly string[]> {
  return texts(await query(layout, 'nova_api', 'SELECT host FROM host_mappings'));
}

/** Hosts of which a service remembers something that the emptied databases will not say. */
async function touchedHosts(layout: CloudLayout): Promise<ReadonlySet<string>> {
  const statements = [
    'SELECT host FROM instances UNION SELECT node FROM instances UNION SELECT launched_on FROM instances',
    'SELECT source_compute FROM migrations UNION SELECT dest_compute FROM migrations',
    'SELECT host FROM instance_actions_events',
    `SELECT host FROM services WHERE deleted = 0 AND \`binary\` = 'nova-compute' AND (disabled OR forced_down)`,
    'SELECT host FROM nova_api.aggregate_hosts',
  ];
  return new Set(texts(await query(layout, 'nova', statements.join('; '))));
}

async function emptyDatabases(
  layout: CloudLayout,
  plan: CloudPlan,
  imageId: string,
  strangers: readonly string[],
): Promise<void> {
  const gone = list(strangers);
  const empty = (tables: readonly string[]): string =>
    ['SET foreign_key_checks = 0', ...tables.map((table) => `DELETE FROM ${table}`), ''].join('; ');
  const leaving = `(SELECT id FROM resource_providers WHERE name IN ${gone})`;
  await query(
    layout,
    'placement',
    `${empty(PLACEMENT_TABLES)}
    DELETE FROM resource_provider_traits WHERE trait_id IN (SELECT id FROM traits WHERE name = 'COMPUTE_STATUS_DISABLED');
    DELETE FROM resource_provider_traits WHERE resource_provider_id IN ${leaving};
    DELETE FROM inventories WHERE resource_provider_id IN ${leaving};
    DELETE FROM resource_providers WHERE name IN ${gone};`,
  );
  await query(layout, 'nova_cell0', empty(NOVA_TABLES));
  await query(
    layout,
    'nova_api',
    `${empty(API_TABLES)} DELETE FROM host_mappings WHERE host IN ${gone};
    DELETE FROM flavors WHERE flavorid NOT IN ('1', '2');`,
  );
  await query(layout, 'glance', imageStatements(imageId));
  removeImages(layout, imageId);
  if (plan.masakari) await query(layout, 'masakari', empty(MASAKARI_TABLES));
  // The scheduler takes a row that is newer than what it remembers having placed.
  await query(
    layout,
    'nova',
    `${empty(NOVA_TABLES)}
    DELETE FROM services WHERE host IN ${gone}; DELETE FROM compute_nodes WHERE host IN ${gone};
    UPDATE services SET disabled = 0, disabled_reason = NULL, forced_down = 0 WHERE \`binary\` = 'nova-compute';
    UPDATE compute_nodes SET vcpus_used = 0, memory_mb_used = 512, local_gb_used = 0, running_vms = 0,
      current_workload = 0, free_ram_mb = memory_mb - 512, free_disk_gb = local_gb, stats = '{"failed_builds": "0"}',
      updated_at = UTC_TIMESTAMP() WHERE deleted = 0;`,
  );
}

function imageStatements(imageId: string): string {
  const children = ['image_locations', 'image_members', 'image_properties', 'image_tags'];
  const others = children.map((table) => `DELETE FROM ${table} WHERE image_id <> ${quote(imageId)};`);
  return `SET foreign_key_checks = 0; ${others.join(' ')} DELETE FROM image_tags;
    DELETE FROM image_properties WHERE name NOT LIKE 'os\\_%' AND name NOT LIKE 'owner\\_%' AND name <> 'stores';
    DELETE FROM images WHERE id <> ${quote(imageId)};`;
}

function removeImages(layout: CloudLayout, imageId: string): void {
  const folder = join(dataFolder(layout), 'images');
  for (const file of readdirSync(folder)) if (file !== imageId) rmSync(join(folder, file), { recursive: true });
}

/** What was cast to a dead host waits in its queue and would be done at its return. */
async function purge(layout: CloudLayout, plan: CloudPlan, hosts: readonly string[]): Promise<void> {
  if (hosts.length === 0) return;
  const order = {
    host: plan.address,
    port: plan.ports.messages,
    password: readSecrets(layout).messages,
    queues: hosts.map((host) => `compute.${host}`),
  };
  const argv = [PYTHON, join(PYTHON_FOLDER, 'purge_queues.py')];
  await runTool(layout, plan.netns, argv, { input: JSON.stringify(order) });
}

async function restartScheduler(layout: CloudLayout): Promise<void> {
  await killCgroup(serviceCgroup(layout, 'nova-scheduler'));
  startNovaService(layout, 'scheduler');
  await waitForService(layout, 'nova-scheduler', () => isReady(layout, 'nova-scheduler'));
}

function texts(rows: readonly (readonly (string | undefined)[])[]): readonly string[] {
  return rows.flatMap(([text]) => (text === undefined ? [] : [text]));
}
