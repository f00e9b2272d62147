import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/edge/clock.ts';
import { dialLibvirt } from '../../../src/compute/libvirt/dial.ts';
import type { MonitorNotification, Watch } from '../../../src/compute/notification.ts';
import { watchGuests } from '../../../src/compute/watch-guests.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { eventually } from '../../support/eventually.ts';
import { startComputeHost } from './compute-host.ts';
import type { ComputeHost } from './compute-host.ts';
import { domainXml } from './domain-xml.ts';
import type { GuestOptions } from './domain-xml.ts';
import { ensureGuestImage } from './guest-image.ts';
import type { GuestImage } from './guest-image.ts';

export interface Guest {
  readonly name: string;
  readonly uuid: string;
}

export interface Told {
  readonly notification: MonitorNotification;
  /** performance.now() */
  readonly atMs: number;
}

/** libvirtd that stands still is noticed after 4 s instead of 20. */
const TIMINGS = { keepAliveMs: 1_000, keepAliveMisses: 3, callMs: 10_000 };

/** A compute host whose guests are watched by the code that is tested. */
export class WatchedHost {
  readonly host: ComputeHost;
  readonly told: Told[] = [];
  readonly logger = recordingLogger();
  readonly #image: GuestImage;
  readonly #disks: ChildProcess[] = [];
  #memory: string | undefined;
  #watch: Watch | undefined;

  private constructor(host: ComputeHost, image: GuestImage) {
    this.host = host;
    this.#image = image;
  }

  static async start(): Promise<WatchedHost> {
    const image = await ensureGuestImage();
    const watched = new WatchedHost(await startComputeHost(), image);
    watched.startWatch();
    await eventually('the watch has begun', () => watched.sight === 'watching');
    return watched;
  }

  get sight(): 'watching' | 'blind' | undefined {
    return this.#watch?.sight().kind;
  }

  startWatch(): void {
    this.#watch = watchGuests({
      hostname: 'compute-1',
      clock: systemClock,
      randomness: { next: Math.random, uuid: randomUUID },
      logger: this.logger,
      onNotification: (notification) => this.told.push({ notification, atMs: performance.now() }),
      remember: { read: () => this.#memory, write: (text) => (this.#memory = text) },
      boot: 'this one',
      dial: dialLibvirt({ clock: systemClock, folder: this.host.sockets, timeoutMs: 5_000 }),
      timings: TIMINGS,
      agents: { intervalMs: 1_000, timeoutS: 1, threshold: 3 },
    });
  }

  stopWatch(): void {
    this.#watch?.stop();
  }

  /** `EVENT/DETAIL` of a guest, in the order in which they were told. */
  reports({ uuid }: Guest): readonly string[] {
    return this.#of(uuid).map(({ notification: { payload } }) => `${payload['event']}/${payload['vir_domain_event']}`);
  }

  /** From a moment to the first report of a guest after it, ms. */
  firstAfter({ uuid }: Guest, beganMs: number): number {
    const first = this.#of(uuid).find(({ atMs }) => atMs >= beganMs);
    return Math.round((first?.atMs ?? Infinity) - beganMs);
  }

  async boot(name: string, wish: Partial<GuestOptions> = {}): Promise<Guest> {
    const guest = { name, uuid: randomUUID() };
    await this.host.define(domainXml({ ...guest, ...wish }, this.#image));
    await this.host.virsh(['start', name]);
    return guest;
  }

  /** Its agent answers, so it has booted. */
  async up({ name }: Guest): Promise<void> {
    const ping = ['qemu-agent-command', name, '{"execute":"guest-ping"}'];
    const answers = async (): Promise<boolean> => (await this.host.virsh(ping, { allowFailure: true })).code === 0;
    await eventually(`the agent of ${name} answers`, answers, { withinMs: 90_000, everyMs: 250 });
  }

  /** Runs a line of shell in the guest and does not wait for its end. */
  async inGuest({ name }: Guest, line: string): Promise<void> {
    const command = { execute: 'guest-exec', arguments: { path: '/bin/sh', arg: ['-c', line] } };
    await this.host.virsh(['qemu-agent-command', name, JSON.stringify(command)], { allowFailure: true });
  }

  killQemu({ name }: Guest): void {
    process.kill(this.host.qemuOf(name), 'SIGKILL');
  }

  /** A disk that ends when `failDisk` is called: the element of the guest's devices for it. */
  async disk(
    name: string,
    policy: 'stop' | 'report',
  ): Promise<{ readonly devices: string; readonly fail: () => Promise<void> }> {
    const file = join(this.host.shared, `${name}.raw`);
    const socket = join(this.host.shared, `${name}.sock`);
    writeFileSync(file, '');
    truncateSync(file, 16 * 1024 * 1024);
    const server = spawn('qemu-nbd', ['-f', 'raw', '-t', '-k', socket, '-x', name, file], { stdio: 'ignore' });
    this.#disks.push(server);
    await eventually('the disk is served', () => existsSync(socket));
    return {
      devices: `<disk type="network" device="disk"><driver name="qemu" type="raw" cache="none" error_policy="${policy}" rerror_policy="${policy}"/>
<source protocol="nbd" name="${name}"><host transport="unix" socket="${socket}"/></source><target dev="vda" bus="virtio"/></disk>`,
      fail: () => end(server),
    };
  }

  async remove(): Promise<void> {
    this.stopWatch();
    for (const server of this.#disks) await end(server);
    await this.host.remove();
  }

  #of(uuid: string): readonly Told[] {
    return this.told.filter(({ notification }) => notification.payload['instance_uuid'] === uuid);
  }
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = once(server, 'exit');
  server.kill('SIGKILL');
  await gone;
}
