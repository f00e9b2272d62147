import { systemClock } from '../../src/edge/clock.ts';
import { systemRandomness } from '../../src/edge/randomness.ts';
import type { Inventory } from '../../src/openstack/inventory.ts';
import type { NovaCloud } from '../../src/openstack/nova.ts';
import { directCloud } from '../../src/simulation/cloud/direct-cloud.ts';
import { createFaultBook } from '../../src/simulation/cloud/faults.ts';
import { DEFAULT_OPTIONS } from '../../src/simulation/cloud/options.ts';
import { createWorld, addHost } from '../../src/simulation/cloud/world.ts';
import type { CloudProxy } from '../cloud/proxy/proxy.ts';
import { createVerbs } from '../emulator/verbs.ts';
import type { ContractStage } from './stage.ts';

/** The emulated world as the simulator asks it, with hosts c1 to c3. For the parts that speak of verbs, not of the wire. */
export async function directStage(): Promise<ContractStage> {
  const options = { ...DEFAULT_OPTIONS, spawnMs: 20, reportIntervalMs: 1_000 };
  const world = createWorld(systemClock, systemRandomness, options, createFaultBook());
  const verbs = createVerbs(world, { requests: [], connections: 0 });
  const hosts = ['c1', 'c2', 'c3'] as const;
  for (const name of hosts) addHost(world, { name });
  const cloud: NovaCloud = {
    ...noInventory(),
    ...directCloud({ world, latencyMs: () => 2, requestTimeoutMs: 20_000, deliver: (task) => task() }),
    warmUp: () => Promise.reject(new Error('there is nothing to log in to')),
    timeMs: () => undefined,
    calls: () => [],
    checkToken: () => Promise.reject(new Error('there are no tokens without HTTP')),
    authUrl: 'http://localhost',
    masakari: () => {
      throw new Error('there is no Masakari without HTTP');
    },
    close: () => undefined,
  };
  const nobody = (): never => {
    throw new Error('there are no accounts without HTTP');
  };
  return {
    cloud,
    proxy: noProxy,
    get admin() {
      return nobody();
    },
    get member() {
      return nobody();
    },
    get application() {
      return nobody();
    },
    hosts,
    patienceMs: 5_000,
    beatMs: 1_000,
    open: nobody,
    boot: (host, { state = 'active', project: owner = 'own', group, ...wish } = {}) =>
      verbs.addInstance({
        host,
        vmState: state,
        ...wish,
        ...(owner === 'other' ? { project: 'member' } : {}),
        ...(group === undefined ? {} : { groupId: group }),
      }),
    makeServerGroup: (policy) => verbs.addServerGroup(policy),
    makeAggregate: (names) => verbs.addAggregate({ name: 'some', hosts: names }),
    remove: (id) => verbs.removeInstance(id),
    kill: (host) => verbs.killHost(host),
    restart: async (host) => {
      await verbs.returnHost(host);
    },
    slowSpawns: (ms) => verbs.setOptions({ spawnMs: ms / 10 }),
    dispose: async () => undefined,
  };
}

/** The simulator plans nothing. */
function noInventory(): Inventory {
  const refuse = (): Promise<never> => Promise.reject(new Error('there is no inventory without HTTP'));
  return {
    providers: refuse,
    freeResources: refuse,
    allocationsOn: refuse,
    serverGroups: refuse,
    aggregates: refuse,
    addToAggregate: refuse,
    removeFromAggregate: refuse,
    flavors: refuse,
    images: refuse,
  };
}

/** Nothing goes over a wire, so there is nothing to break or to count. */
const noProxy: CloudProxy = {
  authUrl: '',
  novaUrl: '',
  fault: () => () => undefined,
  clearFaults: () => undefined,
  traffic: () => [],
  counts: () => [],
  tokensIssued: () => 0,
  reset: () => undefined,
  close: async () => undefined,
};
