import { systemClock } from '../../src/edge/clock.ts';
import type { Credentials, Reference } from '../../src/openstack/credentials.ts';
import type { NovaCloud } from '../../src/openstack/nova.ts';
import type { Timings } from '../../src/openstack/timings.ts';
import { contractClient } from '../contract/client.ts';
import type { ContractStage, InstanceWish } from '../contract/stage.ts';
import { eventually } from '../support/eventually.ts';
import { createAccounts } from './contract-accounts.ts';
import { createHostPool } from './contract-hosts.ts';
import type { CloudLab } from './lab/cloud-lab.ts';
import { startCloudProxy } from './proxy/proxy.ts';
import { novaClient } from './support/nova-client.ts';
import type { NovaBody, NovaClient } from './support/nova-client.ts';

/** Nova on a busy machine of two cores. */
const PATIENCE_MS = 90_000;
const UNHURRIED: Partial<Timings> = { connectMs: 10_000, requestMs: 90_000, backoffMs: 20, maxBackoffMs: 100 };

export interface ContractCloud {
  /** For one test: three hosts that nothing has touched since the test before was cleared away. */
  stage(): Promise<ContractStage>;
  close(): Promise<void>;
}

/** The stages of the contract on a real cloud, which they share. The cloud must beat once in `beatMs`. */
export async function contractCloud(lab: CloudLab, beatMs: number): Promise<ContractCloud> {
  const proxy = await startCloudProxy({
    authUrl: lab.authUrl,
    novaUrl: `http://${lab.address}:${lab.ports.nova}/v2.1`,
  });
  const accounts = await createAccounts(lab);
  const own = await novaClient({ ...lab.account, authUrl: lab.authUrl });
  const other = await novaClient({ ...lab.account, authUrl: lab.authUrl, projectName: accounts.project });
  const login = (username: string, password: string, projectName: string): Credentials => {
    const domain = { name: lab.account.domainName };
    const [user, project]: Reference[] = [username, projectName].map((name) => ({ name, domain }));
    return {
      authUrl: proxy.authUrl.replace(/\/v3$/, ''),
      login: { kind: 'password', user: user ?? { id: '' }, password, project: project ?? { id: '' } },
      region: lab.account.region,
      interface: 'public',
      tls: { kind: 'system' },
    };
  };
  const admin = login(lab.account.username, lab.account.password, lab.account.projectName);
  // One for all tests, as a daemon has: a login costs a real Keystone more than most of the tests.
  const cloud = contractClient(admin, UNHURRIED);
  const pool = createHostPool(lab, cloud);

  return {
    async stage() {
      const hosts = await pool.take();
      const clients: NovaCloud[] = [];
      let slowed = false;
      const made: (() => Promise<unknown>)[] = [];
      return {
        cloud,
        proxy,
        admin,
        member: login(accounts.member.name, accounts.member.password, accounts.project),
        application: accounts.application,
        hosts,
        patienceMs: PATIENCE_MS,
        beatMs,
        open(as, timings) {
          const client = contractClient(as, { ...UNHURRIED, ...timings });
          clients.push(client);
          return client;
        },
        boot: (host, wish = {}) => boot(lab, wish.project === 'other' ? other : own, host, wish),
        async makeServerGroup(policy) {
          const wish = { server_group: { name: `group-${systemClock.now()}`, policy } };
          const id = String((await own.must('POST', '/os-server-groups', wish)).server_group?.id);
          made.push(() => own.call('DELETE', `/os-server-groups/${id}`));
          return id;
        },
        async makeAggregate(names) {
          const wish = { aggregate: { name: `aggregate-${systemClock.now()}` } };
          const id = String((await own.must('POST', '/os-aggregates', wish)).aggregate?.id);
          made.push(() => buryAggregate(own, id));
          for (const host of names) await own.must('POST', `/os-aggregates/${id}/action`, { add_host: { host } });
          return id;
        },
        remove: (id) => remove(own, id),
        kill: (host) => pool.kill(host),
        restart: (host) => pool.restart(host),
        async slowSpawns(ms) {
          slowed = true;
          await Promise.all(lab.hosts.map((host) => lab.setSpawnDelay(host, ms)));
        },
        async dispose() {
          proxy.clearFaults();
          proxy.reset();
          for (const client of clients) client.close();
          if (slowed) await Promise.all(lab.hosts.map((host) => lab.setSpawnDelay(host, 0)));
          await pool.bury();
          await removeAll(own);
          for (const bury of made) await bury();
          // What `done` records would forbid, and what the next test would take for its own.
          await lab.sql('nova', 'DELETE FROM migrations');
          await pool.give();
        },
      };
    },
    async close() {
      await pool.settled();
      cloud.close();
      await proxy.close();
    },
  };
}

async function buryAggregate(nova: NovaClient, id: string): Promise<void> {
  const { aggregate } = await nova.must('GET', `/os-aggregates/${id}`);
  const hosts = Array.isArray(aggregate?.hosts) ? (aggregate.hosts as readonly string[]) : [];
  for (const host of hosts) await nova.call('POST', `/os-aggregates/${id}/action`, { remove_host: { host } });
  await nova.call('DELETE', `/os-aggregates/${id}`);
}

async function boot(lab: CloudLab, nova: NovaClient, host: string, wish: InstanceWish): Promise<string> {
  const server = {
    name: wish.name ?? `vm-${systemClock.now()}`,
    imageRef: lab.imageId,
    flavorRef: lab.flavorId,
    networks: 'none',
    availability_zone: `nova:${host}`,
    ...(wish.metadata && { metadata: wish.metadata }),
    ...(wish.tags && { tags: wish.tags }),
  };
  const hints = wish.group === undefined ? {} : { 'os:scheduler_hints': { group: wish.group } };
  const id = String((await nova.must('POST', '/servers', { server, ...hints })).server?.id);
  await untilState(nova, id, 'active');
  const { state = 'active' } = wish;
  const actions = {
    active: [],
    stopped: [{ 'os-stop': null }],
    paused: [{ pause: null }],
    suspended: [{ suspend: null }],
    error: [{ 'os-resetState': { state: 'error' } }],
  } as const satisfies Record<typeof state, readonly object[]>;
  for (const action of actions[state]) await must(nova, id, action);
  if (state !== 'active') await untilState(nova, id, state);
  if (wish.locked === true) await must(nova, id, { lock: null });
  return id;
}

async function must(nova: NovaClient, id: string, action: object): Promise<void> {
  const reply = await nova.act(id, action);
  if (reply.status >= 300) throw new Error(`${JSON.stringify(action)}: ${reply.status} ${reply.message ?? ''}`);
}

async function untilState(nova: NovaClient, id: string, state: string): Promise<void> {
  await eventually(
    `instance ${id} ${state}`,
    async () => {
      const server = await nova.server(id);
      if (state !== 'error' && server?.vmState === 'error') throw new Error(`${id} is in error: ${server.fault ?? ''}`);
      return server?.vmState === state && server.taskState === undefined;
    },
    { withinMs: PATIENCE_MS, everyMs: 250 },
  );
}

async function remove(nova: NovaClient, id: string): Promise<void> {
  await nova.call('DELETE', `/servers/${id}`);
  const gone = async (): Promise<boolean> => (await nova.server(id)) === undefined;
  await eventually(`instance ${id} gone`, gone, { withinMs: PATIENCE_MS, everyMs: 250 });
}

async function removeAll(nova: NovaClient): Promise<void> {
  const list = async (): Promise<NovaBody> => nova.must('GET', '/servers?all_tenants=1');
  const asked = new Set<unknown>();
  await eventually(
    'no instance left',
    async () => {
      const { servers = [] } = await list();
      const fresh = servers.map(({ id }) => id).filter((id) => !asked.has(id));
      await Promise.all(fresh.map((id) => nova.call('DELETE', `/servers/${String(id)}`)));
      for (const id of fresh) asked.add(id);
      return servers.length === 0;
    },
    { withinMs: PATIENCE_MS, everyMs: 250 },
  );
}
