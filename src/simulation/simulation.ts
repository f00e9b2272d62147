import { messageOf } from '../errors.ts';
import { memoryDisk, type MemoryDisk } from '../engine/store/memory-store.ts';
import type { Logger } from '../ports.ts';
import { chanceFrom, type Chance } from './chance.ts';
import { directCloud } from './cloud/direct-cloud.ts';
import { createFaultBook } from './cloud/faults.ts';
import { DEFAULT_OPTIONS } from './cloud/options.ts';
import { addGuest, addHost, createWorld, type World } from './cloud/world.ts';
import { createCluster, type ClusterVerbs } from './cluster/cluster.ts';
import { machineOf, partitionOf, type ClusterEvents } from './cluster/cluster-world.ts';
import { answers } from './cluster/machine.ts';
import { simulatedCluster } from './cluster/reading.ts';
import { startEngine, type EngineRun } from './engine-run.ts';
import { HostMachine } from './host-machine.ts';
import { Monitor } from './monitor/monitor.ts';
import type { DeathWish } from './mortal.ts';
import { simulatedProcess } from './process.ts';
import { describe, type AlertWeather, type Happening } from './scenario/happening.ts';
import { machinesOf } from './scenario/machines.ts';
import { perform } from './scenario/perform.ts';
import type { Scenario } from './scenario/scenario.ts';
import { virtualTime, type VirtualTime } from './time.ts';
import type { Violation } from './violation.ts';

export interface SimulationOptions {
  /** Each line of the log as it is written; `debug` lines are left out. */
  readonly onLine?: (line: string) => void;
}

/** 2026-01-01: a fixed moment, so that logs compare. */
const START_MS = Date.UTC(2026, 0, 1);
const ALERT_MS = 40;

/** A simulated cloud and cluster with the real engine in it, carried from one moment to another. */
export class Simulation {
  readonly time: VirtualTime;
  readonly cluster: ClusterVerbs;
  readonly cloud: World;
  readonly monitor: Monitor;
  readonly scenario: Scenario;
  readonly #chance: Chance;
  readonly #onLine: ((line: string) => void) | undefined;
  readonly disks = new Map<string, MemoryDisk>();
  readonly #full = new Set<string>();
  readonly #engines = new Map<string, EngineRun>();
  /** Pacemaker has taken them for dead. */
  readonly #forsaken = new Set<EngineRun>();
  readonly #hosts: ReadonlyMap<string, HostMachine>;
  #alerts: AlertWeather = { lost: 0, doubled: 0, lateMs: 0 };
  #readMs: number | undefined;
  #deathWish: DeathWish | undefined;

  constructor(scenario: Scenario, options: SimulationOptions = {}) {
    this.scenario = scenario;
    this.#onLine = options.onLine;
    this.#chance = chanceFrom(scenario.seed);
    this.time = virtualTime(START_MS);
    this.cloud = createWorld(
      this.time,
      this.#chance.fork('cloud'),
      // The gate is asked by the host machine itself.
      { ...DEFAULT_OPTIONS, schedulerMs: 200, spawnMs: 3_000, settleMs: 20, ...scenario.cloud, gate: false },
      createFaultBook(),
    );
    this.monitor = new Monitor({
      time: this.time,
      cloud: this.cloud,
      disks: () => [...this.disks.values()],
      nodeOfHost: (host) => host,
      isGateAsked: scenario.gate === 'asked',
      acceptsHumans: scenario.config.proof.acceptHumanConfirmation,
      maxSnapshotAgeMs: 2 * scenario.config.cluster.pollIntervalMs + scenario.config.cluster.commandTimeoutMs,
      storm: scenario.config.storm,
      onViolation: ({ rule, what }) => {
        this.#write('monitor', `${rule} is violated: ${what}`);
      },
    });
    this.cluster = createCluster(
      { machines: machinesOf(scenario), timings: scenario.timings },
      this.time,
      this.#chance.fork('cluster'),
      this.#events(),
    );
    this.#hosts = new Map(scenario.hosts.map(({ name }) => [name, this.#hostMachine(name)]));
    for (const { capacity, name } of scenario.hosts) {
      addHost(this.cloud, { name, ...(capacity === undefined ? {} : { capacity }) });
    }
    // They are a day old, so that no clock that is a little wrong makes them younger than a fencing.
    for (const instance of scenario.instances) {
      const guest = addGuest(this.cloud, { ...instance, id: this.#chance.fork(instance.name).uuid() });
      Object.assign(guest, { createdAtMs: guest.createdAtMs - 86_400_000 });
    }
    for (const { atMs, what } of scenario.timeline) {
      this.time.schedule(atMs, () => {
        this.happen(what);
      });
    }
    this.#startEngine(this.cluster.world.partitions[0]?.engineOn ?? '');
  }

  /** The engine that runs, if one does; of two the newer. */
  get engine(): EngineRun | undefined {
    return [...this.#engines.values()].findLast(({ isAlive }) => isAlive);
  }

  get violations(): readonly Violation[] {
    return this.monitor.violations;
  }

  happen(what: Happening): void {
    this.#write('world', describe(what));
    perform(this, what);
    this.#noteMarks();
  }

  // --- what a happening does beside the cluster ------------------------------------------------------------------------

  setAlerts(alerts: AlertWeather): void {
    this.#alerts = alerts;
  }

  setReadMs(readMs: number): void {
    this.#readMs = readMs;
  }

  setDisk(node: string, disk: 'full' | 'well'): void {
    if (disk === 'full') this.#full.add(node);
    else this.#full.delete(node);
  }

  killEngine(): void {
    for (const run of this.#engines.values()) {
      if (!run.isAlive) continue;
      run.kill();
      this.cluster.engineDied(run.node);
    }
  }

  freezeEngine(forMs: number): void {
    const run = this.engine;
    if (run === undefined) return;
    run.freeze();
    this.#forsaken.add(run);
    this.cluster.takenForDead(run.node);
    this.time.schedule(forMs, () => {
      if (run.isAlive) this.#write('world', `lifeboatd on ${run.node} goes on`);
      run.thaw();
    });
  }

  killEngineAt(effect: number, moment: DeathWish['moment']): void {
    this.#deathWish = { effectsLeft: effect, moment };
  }

  /** The engine that runs is told, if one does; a monitor of Masakari's would ask again, this one does not. */
  report(host: string): void {
    const run = this.engine;
    if (run === undefined) {
      this.#write('world', `no engine takes the report of ${host}`);
      return;
    }
    const payload = { event: 'STOPPED', host_status: 'NORMAL', cluster_status: 'OFFLINE' };
    const report = { type: 'COMPUTE_HOST', hostname: host, generatedAtMs: this.time.now(), payload } as const;
    run.heart.engine.registry.notify(report).then(
      ({ status, uuid }) => {
        this.#write('world', `the report of ${host} is taken: ${status}`);
        this.monitor.reportAnswered(host, uuid);
      },
      (error: unknown) => {
        this.#write('world', `the report of ${host} is refused: ${messageOf(error)}`);
      },
    );
  }

  guestNamed(name: string): string | undefined {
    for (const guest of this.cloud.guests.values()) if (guest.name === name) return guest.id;
    return undefined;
  }

  // --- the parts put together -----------------------------------------------------------------------------------------

  #events(): ClusterEvents {
    return {
      say: (text) => {
        this.#write('cluster', text);
      },
      changed: ({ members }) => {
        for (const name of members) this.#alert(name);
      },
      lost: (node) => {
        this.monitor.truth.lost(node, this.time.monotonic(), this.monitor.lastReadMs);
      },
      powerLost: ({ isHost, name }) => {
        if (isHost) this.monitor.powerIsLost(name);
        this.#hosts.get(name)?.powerLost();
        this.#engines.get(name)?.kill();
      },
      booted: ({ name }) => {
        this.#hosts.get(name)?.booted();
      },
      networkChanged: ({ name, network }) => {
        this.#hosts.get(name)?.networkChanged(network);
      },
      up: (node) => {
        this.monitor.truth.up(node, this.time.monotonic());
      },
      fenced: (fencing) => {
        this.monitor.truth.fenced(fencing, this.time.monotonic());
      },
      isEngineAlive: (node) => this.#engines.get(node)?.isAlive === true,
      startEngine: (node) => {
        const former = this.#engines.get(node);
        // The agent finds it, and ends it before it starts another.
        if (former !== undefined && this.#forsaken.has(former)) former.kill();
        if (this.#engines.get(node)?.isAlive === true || !answers(machineOf(this.cluster.world, node))) return;
        this.#startEngine(node);
      },
      stopEngine: (node) => {
        const run = this.#engines.get(node);
        if (run?.isAlive !== true) return;
        run.kill();
        this.#write('cluster', `lifeboatd on ${node} is stopped`);
      },
    };
  }

  /** What an administrator has taken out, also while no controller is there to read it. */
  #noteMarks(): void {
    const { disabled, machines, maintenance, options, standby, unmanaged } = this.cluster.world;
    for (const name of machines.keys()) {
      const isMarked =
        options.maintenanceMode ||
        options.stopAllResources ||
        [disabled, maintenance, standby, unmanaged].some((marks) => marks.has(name));
      this.monitor.truth.marked(name, this.time.monotonic(), isMarked);
    }
  }

  #alert(node: string): void {
    const { doubled, lateMs, lost } = this.#alerts;
    if (this.#chance.happens(lost)) return;
    const copies = this.#chance.happens(doubled) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const delayMs = ALERT_MS + (lateMs === 0 ? 0 : this.#chance.between(0, lateMs));
      this.time.schedule(delayMs, () => this.#engines.get(node)?.wake());
    }
  }

  #startEngine(node: string): void {
    const { config, store } = this.scenario;
    const machine = machineOf(this.cluster.world, node);
    const process = simulatedProcess(this.time, () => machine.wallOffsetMs);
    const place = store === 'shared' ? 'all' : node;
    const disk = this.disks.get(place) ?? memoryDisk();
    this.disks.set(place, disk);
    const chance = this.#chance.fork(`engine ${this.time.monotonic()}`);
    this.#write('cluster', `lifeboatd starts on ${node}`);
    const run = startEngine({
      node,
      process,
      disk,
      storeNow: () => (store === 'shared' ? this.time : process.clock).now(),
      isDiskFull: () => this.#full.has(node),
      cluster: simulatedCluster({
        world: this.cluster.world,
        process,
        localNode: node,
        readMs: () => this.#readMs ?? this.cluster.world.timings.readMs,
        timeoutMs: config.cluster.commandTimeoutMs,
      }),
      cloud: directCloud({
        world: this.cloud,
        latencyMs: () => chance.between(10, 60),
        requestTimeoutMs: config.evacuation.requestTimeoutMs,
        deliver: (task) => {
          process.deliver(task);
        },
      }),
      config,
      chance,
      logger: this.#loggerOf(node),
      monitor: this.monitor,
      monotonicMs: () => this.time.monotonic(),
      deathWish: () => this.#deathWish,
      onDeath: () => {
        this.#deathWish = undefined;
        this.#write('world', `lifeboatd on ${node} is dead`);
        this.cluster.engineDied(node);
      },
    });
    this.#engines.delete(node);
    this.#engines.set(node, run);
  }

  #hostMachine(host: string): HostMachine {
    return new HostMachine({
      host,
      cloud: this.cloud,
      time: this.time,
      askEngine: (asked) => {
        const run = this.engine;
        return run !== undefined && partitionOf(this.cluster.world, run.node) !== undefined
          ? run.heart.gate(asked, 'nova-compute')
          : undefined;
      },
      isGateAsked: this.scenario.gate === 'asked',
      resumesGuests: this.scenario.resumesGuests,
      isConnected: () => machineOf(this.cluster.world, host).network === 'connected',
      say: (text) => {
        this.#write('world', text);
      },
    });
  }

  #loggerOf(node: string): Logger {
    return {
      debug: () => undefined,
      info: (_, message) => {
        this.#write(node, message);
      },
      warn: (_, message) => {
        this.#write(node, `warning: ${message}`);
      },
      error: (_, message) => {
        this.#write(node, `error: ${message}`);
      },
    };
  }

  #write(who: string, text: string): void {
    if (this.#onLine === undefined) return;
    const seconds = (this.time.monotonic() / 1000).toFixed(3);
    this.#onLine(`${seconds.padStart(9)} ${who.padEnd(8)} ${text}`);
  }
}
