import { existsSync, mkdirSync, statfsSync } from 'node:fs';
import { createCgroup, isPopulated } from '../../cluster/lab/cgroup.ts';
import { LabError } from '../../cluster/lab/lab-error.ts';
import { adaptDatabases, MEASURED_REGION } from './catalog.ts';
import type { CloudLab, CloudLabOptions } from './cloud-lab.ts';
import * as computes from './computes.ts';
import { writeConfigs } from './config.ts';
import { query, startDatabase } from './database.ts';
import { startFarm, startNovaService, takesOrders } from './farm.ts';
import { cloudLayout, dataFolder, DEFAULT_ROOT } from './layout.ts';
import type { CloudLayout } from './layout.ts';
import { connectMasakari, startMasakari } from './masakari.ts';
import { ensureCloudPackages } from './packages.ts';
import { planOf, readPlanIfThere, readSecrets, writePlan } from './plan.ts';
import type { CloudPlan } from './plan.ts';
import { isAnswering, listeningPorts, refuseTakenPorts } from './probe.ts';
import { waitForService } from './process.ts';
import { guard, refuseCloudInUse, removeCloud } from './removal.ts';
import { resetCloud } from './reset.ts';
import { accountOf, createSecrets, writeAccounts } from './secrets.ts';
import { createData, keepSeed, seedFile, unpackSeed } from './seed.ts';
import * as services from './services.ts';

const FLAVOR = '1';
const LEAST_DISK_BYTES = 1_000_000_000;

type Say = (sentence: string) => void;

/**
 * Starts a cloud, from the seed if there is one. What a killed run of the same name left is removed first. Throws
 * LifeboatError LAB_UNAVAILABLE on a machine that cannot carry one; LabError `in-use` when the name or a port is taken,
 * `boot-failed` with the service's own words. A start that fails leaves nothing behind.
 */
export async function startCloud(options: CloudLabOptions = {}): Promise<CloudLab> {
  const startedAt = performance.now();
  const say: Say = (sentence) => options.onStep?.(sentence, performance.now() - startedAt);
  const layout = cloudLayout(options.name ?? 'cloud');
  const plan = planOf(options);
  if (plan.netns !== null && !existsSync(`/run/netns/${plan.netns}`)) {
    throw new LabError('bad-argument', `there is no network namespace "${plan.netns}"`);
  }
  const packages = await ensureCloudPackages();
  say('packages there');
  refuseCloudInUse(layout);
  await removeCloud(layout);
  await refuseTakenPorts(plan);
  mkdirSync(DEFAULT_ROOT, { recursive: true, mode: 0o755 });
  refuseFullDisk();
  mkdirSync(layout.dir, { mode: 0o700 });
  createCgroup(layout.cgroup);
  writePlan(layout, plan);
  if (plan.owner.kind === 'process') guard(layout);
  try {
    await bootServices(layout, plan, seedFile(packages), say);
    return await connectCloud(layout, plan);
  } catch (error) {
    await removeCloud(layout);
    throw error;
  }
}

/** A cloud that another process started. Throws LabError `not-up`. */
export async function attachCloud(name = 'cloud'): Promise<CloudLab> {
  const layout = cloudLayout(name);
  const plan = readPlanIfThere(layout);
  if (plan === undefined || !isPopulated(layout.cgroup)) throw new LabError('not-up', `no cloud "${name}" is up`);
  return connectCloud(layout, plan);
}

async function bootServices(layout: CloudLayout, plan: CloudPlan, seed: string, say: Say): Promise<void> {
  mkdirSync(dataFolder(layout), { mode: 0o700 });
  if (existsSync(seed)) await unpackSeed(layout, seed);
  else await growSeed(layout, plan, seed, say);
  const secrets = readSecrets(layout);
  writeConfigs(layout, plan, secrets);
  writeAccounts(layout, plan, secrets);
  services.startMessages(layout, plan);
  startFarm(layout, plan);
  await startDatabase(layout, plan.netns);
  await adaptDatabases(layout, plan, secrets);
  say('database up');
  services.startKeystone(layout, plan);
  services.startPlacement(layout, plan);
  services.startNeutronStub(layout, plan);
  await waitForService(layout, 'rabbitmq', async () => (await listeningPorts(plan.netns)).has(plan.ports.messages));
  say('message broker up');
  await waitForService(layout, 'nova-farm', () => takesOrders(layout));
  startNovaService(layout, 'conductor');
  services.startNovaApi(layout, plan);
  await waitForService(layout, 'nova-conductor', () => services.isReady(layout, 'nova-conductor'));
  say('nova-conductor up');
  startNovaService(layout, 'scheduler');
  services.startGlance(layout, plan);
  const masakari = plan.masakari ? startMasakari(layout, plan) : Promise.resolve();
  await Promise.all([waitForApis(layout, plan), launchHosts(layout, plan, say), masakari]);
  say('all up');
}

async function launchHosts(layout: CloudLayout, plan: CloudPlan, say: Say): Promise<void> {
  await computes.launchAll(layout, plan.hosts);
  await computes.waitUp(layout, plan, plan.hosts);
  say(`${plan.hosts.length} hosts up`);
}

async function waitForApis(layout: CloudLayout, plan: CloudPlan): Promise<void> {
  const { keystone, nova, glance } = plan.ports;
  const answers = (port: number, path: string) => isAnswering(layout, plan, `http://${plan.address}:${port}${path}`);
  await waitForService(layout, 'keystone', () => answers(keystone, '/v3'));
  await waitForService(layout, 'nova-scheduler', () => services.isReady(layout, 'nova-scheduler'));
  await waitForService(layout, 'nova-api', () => answers(nova, '/'));
  await waitForService(layout, 'glance', () => answers(glance, '/healthcheck'));
}

async function growSeed(layout: CloudLayout, plan: CloudPlan, seed: string, say: Say): Promise<void> {
  const secrets = createSecrets(layout);
  writeConfigs(layout, plan, secrets);
  await createData(layout, plan, secrets, say);
  await keepSeed(layout, seed);
  say('seed kept');
}

async function connectCloud(layout: CloudLayout, plan: CloudPlan): Promise<CloudLab> {
  const secrets = readSecrets(layout);
  const [[imageId = ''] = []] = await query(layout, 'glance', `SELECT id FROM images WHERE name = 'tiny'`);
  return {
    name: layout.name,
    dir: layout.dir,
    address: plan.address,
    ports: plan.ports,
    authUrl: `http://${plan.address}:${plan.ports.keystone}/v3`,
    account: accountOf(secrets, 'lifeboat'),
    admin: accountOf(secrets, 'admin'),
    demo: accountOf(secrets, 'demo'),
    measuredRegion: MEASURED_REGION,
    hosts: plan.hosts,
    imageId,
    flavorId: FLAVOR,
    masakari: plan.masakari ? connectMasakari(layout, plan) : undefined,
    startCompute: (host) => computes.startCompute(layout, plan, host),
    killCompute: (host) => computes.killCompute(layout, host),
    freezeCompute: (host) => computes.freezeCompute(layout, host),
    thawCompute: (host) => computes.thawCompute(layout, host),
    isComputeRunning: (host) => computes.isComputeRunning(layout, host),
    setSpawnDelay: (host, ms) => computes.setSpawnDelay(layout, host, ms),
    computeCommand: (host) => computes.commandFor(layout, plan, host),
    sql: (database, statement) => query(layout, database, statement),
    reset: () => resetCloud(layout, plan, imageId),
    down: () => removeCloud(layout),
  };
}

function refuseFullDisk(): void {
  const { bavail, bsize } = statfsSync(DEFAULT_ROOT);
  if (bavail * bsize >= LEAST_DISK_BYTES) return;
  const free = Math.round((bavail * bsize) / 1e6);
  throw new LabError('boot-failed', `${DEFAULT_ROOT} has ${free} MB free; a cloud needs 1000`);
}
