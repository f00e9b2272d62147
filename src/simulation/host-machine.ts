import { judgeByNova } from '../gate/by-nova.ts';
import type { GateAnswer } from '../engine/gate.ts';
import { sleep, type Clock } from '../ports.ts';
import { drainQueue } from './cloud/actions.ts';
import { hearHost, killHost, returnHost, silenceHost } from './cloud/heartbeat.ts';
import { evacuationOf, serviceOf } from './cloud/plain-values.ts';
import { requireHost, startRun, type World } from './cloud/world.ts';
import { simulatedProcess, type SimulatedProcess } from './process.ts';

export interface HostMachinePorts {
  readonly host: string;
  readonly cloud: World;
  readonly time: Clock;
  /** Asks the engine, as `lifeboat gate` does; undefined: none answers. */
  readonly askEngine: (host: string) => Promise<GateAnswer> | undefined;
  /** The machine reaches the network: an engine, and Nova. */
  readonly isConnected: () => boolean;
  readonly isGateAsked: boolean;
  readonly resumesGuests: boolean;
  readonly say: (text: string) => void;
}

const EVACUATED: readonly string[] = ['accepted', 'pre-migrating', 'done'];
const CUT_OFF: GateAnswer = { gate: 'unknown', reason: 'it is cut off the network' };
const GATE_POLL_MS = 3_000;
const GATE_PATIENCE_MS = 15_000;

/** A compute host's own affairs: power and network as Nova and the guests feel them, and its gate when it boots. */
export class HostMachine {
  readonly #ports: HostMachinePorts;
  #boot: SimulatedProcess | undefined;

  constructor(ports: HostMachinePorts) {
    this.#ports = ports;
  }

  powerLost(): void {
    this.#boot?.kill();
    killHost(this.#ports.cloud, this.#ports.host);
  }

  networkChanged(network: 'connected' | 'cut'): void {
    const { cloud, host } = this.#ports;
    if (network === 'connected') hearHost(cloud, host);
    else if (requireHost(cloud, host).compute === 'running') silenceHost(cloud, host);
  }

  booted(): void {
    const { cloud, host, time } = this.#ports;
    requireHost(cloud, host).power = 'on';
    this.#boot = simulatedProcess(time, () => 0);
    void this.#start(this.#boot, time.now());
  }

  async #start(boot: SimulatedProcess, bootedAtMs: number): Promise<void> {
    const { host, isConnected, isGateAsked, say } = this.#ports;
    let said: string | undefined;
    while (isGateAsked) {
      const { gate, reason } = isConnected() ? await this.#ask(boot, bootedAtMs) : CUT_OFF;
      if (!boot.isAlive) return;
      if (gate === 'open') break;
      if (said === undefined) say(`the gate of ${host} is ${gate}: ${reason}`);
      said = reason;
      await sleep(boot.clock, GATE_POLL_MS);
    }
    this.#letIn();
  }

  async #ask(boot: SimulatedProcess, bootedAtMs: number): Promise<GateAnswer> {
    const { askEngine, cloud, host } = this.#ports;
    const answer = askEngine(host);
    const silence: GateAnswer = { gate: 'unknown', reason: 'the engine did not answer in time' };
    if (answer !== undefined) {
      return Promise.race([answer, sleep(boot.clock, GATE_PATIENCE_MS).then(() => silence)]);
    }
    const services = [...cloud.hosts.values()].map((each) => serviceOf(cloud, each));
    const evacuations = cloud.migrations
      .filter(({ sourceHost, type }) => type === 'evacuation' && sourceHost === host)
      .map((migration) => evacuationOf(cloud, migration));
    return judgeByNova(host, 'nova-compute', { services, evacuations, bootedAtMs });
  }

  /** nova-compute starts: it cleans up, takes what is in its queue, and starts guests or shows them as stopped. */
  #letIn(): void {
    const { cloud, host: name, isConnected, resumesGuests, say } = this.#ports;
    const host = requireHost(cloud, name);
    say(`nova-compute on ${name} starts`);
    returnHost(cloud, name);
    if (!isConnected()) silenceHost(cloud, name);
    drainQueue(cloud, host);
    for (const guest of cloud.guests.values()) {
      if (guest.host !== name || guest.vmState !== 'active' || guest.taskState !== null) continue;
      const runsHere = cloud.runs.some(
        (run) => run.instanceId === guest.id && run.host === name && run.toMs === undefined,
      );
      // What was evacuated, or is on its way, Nova does not touch here any more (nova 26.2.2, compute/manager.py).
      const isEvacuated = cloud.migrations.some(
        ({ instanceId, sourceHost, status, type }) =>
          type === 'evacuation' && instanceId === guest.id && sourceHost === name && EVACUATED.includes(status),
      );
      if (runsHere || isEvacuated) continue;
      if (resumesGuests) startRun(cloud, guest, host);
      else Object.assign(guest, { vmState: 'stopped', powerState: 4, updatedAtMs: cloud.clock.now() });
    }
  }
}
