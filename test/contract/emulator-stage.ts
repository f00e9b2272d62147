import type { Credentials } from '../../src/openstack/credentials.ts';
import type { NovaCloud } from '../../src/openstack/nova.ts';
import type { Timings } from '../../src/openstack/timings.ts';
import { startCloudProxy } from '../cloud/proxy/proxy.ts';
import { DEFAULT_OPTIONS, startEmulator } from '../emulator/index.ts';
import type { EmulatorOptions } from '../emulator/index.ts';
import { contractClient } from './client.ts';
import type { ContractStage } from './stage.ts';

/** A fresh emulator with hosts c1 to c3. */
export async function emulatorStage(options: Partial<EmulatorOptions> = {}): Promise<ContractStage> {
  const emulator = await startEmulator({ options: { spawnMs: 20, reportIntervalMs: 1_000, ...options } });
  const hosts = ['c1', 'c2', 'c3'] as const;
  for (const name of hosts) await emulator.addHost({ name });
  const proxy = await startCloudProxy(emulator);
  const { password, project, applicationCredential } = { ...DEFAULT_OPTIONS, ...options };
  const admin = credentials(proxy.authUrl, 'admin', password, project);
  const clients: NovaCloud[] = [];
  const open = (as: Credentials, timings?: Partial<Timings>): NovaCloud => {
    const client = contractClient(as, timings);
    clients.push(client);
    return client;
  };
  return {
    cloud: open(admin),
    proxy,
    admin,
    member: credentials(proxy.authUrl, 'demo', password, 'demo'),
    application: applicationCredential,
    hosts,
    patienceMs: 5_000,
    beatMs: 1_000,
    open,
    boot: (host, { state = 'active', project: owner = 'own', group, ...wish } = {}) =>
      emulator.addInstance({
        host,
        vmState: state,
        ...wish,
        ...(owner === 'other' ? { project: 'member' } : {}),
        ...(group === undefined ? {} : { groupId: group }),
      }),
    makeServerGroup: (policy) => emulator.addServerGroup(policy),
    makeAggregate: (names) => emulator.addAggregate({ name: 'some', hosts: names }),
    remove: (id) => emulator.removeInstance(id),
    kill: (host) => emulator.killHost(host),
    restart: async (host) => {
      await emulator.returnHost(host);
    },
    // A tenth: what is the subject is that it takes some time.
    slowSpawns: (ms) => emulator.setOptions({ spawnMs: ms / 10 }),
    async dispose() {
      for (const client of clients) client.close();
      await proxy.close();
      await emulator.close();
    },
  };
}

function credentials(authUrl: string, name: string, password: string, project: string): Credentials {
  const domain = { id: 'default' };
  return {
    authUrl: authUrl.replace(/\/v3$/, ''),
    login: { kind: 'password', user: { name, domain }, password, project: { name: project, domain } },
    region: 'RegionOne',
    interface: 'public',
    tls: { kind: 'system' },
  };
}
