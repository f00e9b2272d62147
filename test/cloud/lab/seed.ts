import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { killCgroup } from '../../cluster/lab/cgroup.ts';
import { cacheFolder } from '../../cluster/lab/packages.ts';
import { adaptDatabases, cellStatements } from './catalog.ts';
import { createDatabase, DATABASES, query, quote, startDatabase, stopDatabase } from './database.ts';
import { databaseUrl, ini } from './ini.ts';
import { dataFolder, etcFile, PYTHON, PYTHON_FOLDER, serviceCgroup } from './layout.ts';
import type { CloudLayout } from './layout.ts';
import type { CloudPlan, CloudSecrets } from './plan.ts';
import { runTool, waitForService } from './process.ts';
import { isAnswering } from './probe.ts';
import { startGlance, startKeystone } from './services.ts';

/** What decides about the databases' content; other sources may change without a new seed. */
const SOURCES = ['bootstrap.ts', 'catalog.ts', 'config.ts', 'database.ts', 'ini.ts', 'secrets.ts', 'seed.ts'];

export const seedFolder = (): string => join(cacheFolder(), 'cloud');

/** Clean databases, Keystone's keys, the image and the secrets, as they are before the first service starts. */
export function seedFile(packages: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256').update(JSON.stringify([...packages].sort()));
  for (const source of SOURCES) hash.update(readFileSync(join(import.meta.dirname, source)));
  return join(seedFolder(), `${hash.digest('hex').slice(0, 16)}.tar`);
}

export async function unpackSeed(layout: CloudLayout, file: string): Promise<void> {
  mkdirSync(dataFolder(layout), { recursive: true, mode: 0o700 });
  await runTool(layout, null, ['tar', '-C', dataFolder(layout), '-xf', file]);
}

/** Keeps the data folder, whose database must be down, in place of every older seed. */
export async function keepSeed(layout: CloudLayout, file: string): Promise<void> {
  mkdirSync(seedFolder(), { recursive: true, mode: 0o700 });
  const work = `${file}.${layout.name}`;
  // Another cloud may come up from the same seed at this moment: it sees the old file or the new one, whole.
  await runTool(layout, null, ['tar', '-C', dataFolder(layout), '-cf', work, '.']);
  renameSync(work, file);
  for (const entry of readdirSync(seedFolder())) {
    if (entry.endsWith('.tar') && join(seedFolder(), entry) !== file) rmSync(join(seedFolder(), entry));
  }
}

/** Fills the data folder from nothing; the database is down again afterwards. Configurations must be written. */
export async function createData(
  layout: CloudLayout,
  plan: CloudPlan,
  secrets: CloudSecrets,
  onStep: (sentence: string) => void,
): Promise<void> {
  await createDatabase(layout, plan.netns);
  await startDatabase(layout, plan.netns);
  const grant = `GRANT ALL ON *.* TO openstack@'%' IDENTIFIED BY ${quote(secrets.database)};`;
  await query(layout, 'mysql', `${DATABASES.map((name) => `CREATE DATABASE ${name};`).join(' ')} ${grant}`);
  onStep('databases created');
  await Promise.all([createSchemas(layout, plan, secrets), createNovaSchemas(layout, plan, secrets)]);
  onStep('schemas created');
  await adaptDatabases(layout, { ...plan, hosts: [] }, secrets);
  startKeystone(layout, plan);
  startGlance(layout, plan);
  const keystone = `http://${plan.address}:${plan.ports.keystone}/v3`;
  const glance = `http://${plan.address}:${plan.ports.glance}`;
  await waitForService(layout, 'keystone', () => isAnswering(layout, plan, keystone));
  await waitForService(layout, 'glance', () => isAnswering(layout, plan, `${glance}/healthcheck`));
  const script = join(import.meta.dirname, 'bootstrap.ts');
  await runTool(layout, plan.netns, [process.execPath, script], {
    input: JSON.stringify({ keystone, glance, secrets }),
  });
  await query(layout, 'nova_api', FLAVORS);
  onStep('users, image and flavors created');
  await killCgroup(serviceCgroup(layout, 'keystone'));
  await killCgroup(serviceCgroup(layout, 'glance'));
  await stopDatabase(layout);
}

const FLAVORS = `INSERT INTO flavors
  (created_at, name, flavorid, memory_mb, vcpus, root_gb, ephemeral_gb, swap, rxtx_factor, disabled, is_public) VALUES
  (UTC_TIMESTAMP(), 'm1.nano', '1', 64, 1, 0, 0, 0, 1, 0, 1), (UTC_TIMESTAMP(), 'm1.micro', '2', 128, 1, 0, 0, 0, 1, 0, 1);`;

async function createSchemas(layout: CloudLayout, plan: CloudPlan, secrets: CloudSecrets): Promise<void> {
  const run = (argv: readonly string[], env = {}, input = '') => runTool(layout, plan.netns, argv, { env, input });
  const config = (file: string): readonly string[] => ['--config-file', etcFile(layout, file)];
  const keystone = ['keystone-manage', ...config('keystone.conf')];
  mkdirSync(join(dataFolder(layout), 'keystone'), { recursive: true, mode: 0o700 });
  await run([...keystone, 'db_sync']);
  for (const keys of ['fernet_setup', 'credential_setup']) {
    await run([...keystone, keys, '--keystone-user', 'root', '--keystone-group', 'root']);
  }
  await run([...keystone, 'bootstrap'], { OS_BOOTSTRAP_PASSWORD: secrets.admin });
  await run(['placement-manage', ...config('placement.conf'), 'db', 'sync']);
  await run(['glance-manage', ...config('glance.conf'), 'db_sync']);
  await createMasakariSchema(layout, plan, secrets);
}

/** In two steps, since Debian's taskflow lacks what Masakari's own migration would call. */
async function createMasakariSchema(layout: CloudLayout, plan: CloudPlan, secrets: CloudSecrets): Promise<void> {
  writeFileSync(etcFile(layout, 'masakari/no-taskflow.conf'), ini({ taskflow: { connection: 'memory://' } }));
  const files = ['masakari/masakari.conf', 'masakari/no-taskflow.conf'];
  const configs = files.flatMap((file) => ['--config-file', etcFile(layout, file)]);
  await runTool(layout, plan.netns, ['masakari-manage', ...configs, 'db', 'sync']);
  const url = `${databaseUrl(plan, secrets, 'masakari')}\n`;
  await runTool(layout, plan.netns, [PYTHON, join(PYTHON_FOLDER, 'taskflow_tables.py')], { input: url });
}

async function createNovaSchemas(layout: CloudLayout, plan: CloudPlan, secrets: CloudSecrets): Promise<void> {
  const manage = ['nova-manage', '--config-file', etcFile(layout, 'nova.conf')];
  await runTool(layout, plan.netns, [...manage, 'api_db', 'sync']);
  // The next one finds cell0's database through its mapping.
  await query(layout, 'nova_api', cellStatements(plan, secrets));
  await runTool(layout, plan.netns, [...manage, 'db', 'sync']);
}
