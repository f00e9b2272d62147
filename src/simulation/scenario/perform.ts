import { addGuest, endRuns, type World } from '../cloud/world.ts';
import { machineOf } from '../cluster/cluster-world.ts';
import type { Simulation } from '../simulation.ts';
import type { Happening } from './happening.ts';

/** Has it happen, at this moment. */
export function perform(simulation: Simulation, what: Happening): void {
  const { cloud, cluster } = simulation;
  switch (what.kind) {
    case 'kill':
      cluster.kill(what.node);
      break;
    case 'power on':
      cluster.powerOn(what.node);
      break;
    case 'crash':
      cluster.crash(what.node);
      break;
    case 'start':
      cluster.startDaemon(what.node);
      break;
    case 'shutdown':
      cluster.shutdown(what.node);
      break;
    case 'cut':
    case 'connect':
      cluster.setNetwork(what.node, what.kind === 'cut' ? 'cut' : 'connected');
      break;
    case 'split':
      cluster.split(what.groups);
      break;
    case 'bmc':
      cluster.setBmc(what.node, what.mode);
      break;
    case 'standby':
      cluster.setStandby(what.node, what.on);
      break;
    case 'maintenance':
      cluster.setMaintenance(what.node, what.on);
      break;
    case 'connection':
      cluster.setConnection(what.node, what.change);
      break;
    case 'option':
      cluster.setOption(what.option, what.value);
      break;
    case 'fence':
      cluster.fence(what.node);
      break;
    case 'confirm':
      cluster.confirm(what.node);
      break;
    case 'clean history':
      cluster.cleanHistory();
      break;
    case 'kill engine':
      simulation.killEngine();
      break;
    case 'kill engine at':
      simulation.killEngineAt(what.effect, what.moment);
      break;
    case 'freeze engine':
      simulation.freezeEngine(what.forMs);
      break;
    case 'alerts':
      simulation.setAlerts(what.alerts);
      break;
    case 'clock':
      machineOf(cluster.world, what.node).wallOffsetMs += what.byMs;
      break;
    case 'crm':
      simulation.setReadMs(what.readMs);
      break;
    case 'fault': {
      const { instanceId: name, ...fault } = what.fault;
      const instanceId = name === undefined ? undefined : simulation.guestNamed(name);
      cloud.faults.add(instanceId === undefined ? fault : { ...fault, instanceId });
      break;
    }
    case 'nova is well':
      cloud.faults.clear();
      break;
    case 'all is well':
      for (const each of allIsWell(simulation)) perform(simulation, each);
      break;
    case 'disk':
      simulation.setDisk(what.node, what.disk);
      break;
    case 'report':
      simulation.report(what.host);
      break;
    case 'delete':
      remove(cloud, simulation.guestNamed(what.instance));
      break;
    case 'boot':
      addGuest(cloud, { host: what.host, name: what.instance });
      break;
  }
}

/** Nova deletes its migration records with it. */
function remove(cloud: World, id: string | undefined): void {
  if (id === undefined) return;
  cloud.guests.delete(id);
  cloud.migrations = cloud.migrations.filter((migration) => migration.instanceId !== id);
  endRuns(cloud, (run) => run.instanceId === id);
}

function allIsWell({ cluster }: Simulation): readonly Happening[] {
  const machines = [...cluster.world.machines.values()];
  return [
    { kind: 'nova is well' },
    { kind: 'split', groups: [] },
    { kind: 'crm', readMs: cluster.world.timings.readMs },
    { kind: 'alerts', alerts: { lost: 0, doubled: 0, lateMs: 0 } },
    ...machines.flatMap(({ kind, name: node }): readonly Happening[] => [
      { kind: 'bmc', node, mode: { kind: 'ok' } },
      { kind: 'connect', node },
      { kind: 'standby', node, on: false },
      { kind: 'maintenance', node, on: false },
      { kind: 'power on', node },
      { kind: 'start', node },
      { kind: 'disk', node, disk: 'well' },
      ...(kind === 'cluster'
        ? []
        : ([
            { kind: 'connection', node, change: 'enabled' },
            { kind: 'connection', node, change: 'managed' },
          ] as const)),
    ]),
    { kind: 'option', option: 'stonithEnabled', value: true },
    { kind: 'option', option: 'maintenanceMode', value: false },
    { kind: 'option', option: 'stopAllResources', value: false },
  ];
}
