import type { Watch } from '../../../src/compute/notification.ts';
import { watchGuests } from '../../../src/compute/watch-guests.ts';
import type { GuestsOptions } from '../../../src/compute/watch-guests.ts';
import { FakeLibvirtd } from '../../guests/fake/fake-libvirtd.ts';
import type { FakeGuest } from '../../guests/fake/fake-guest.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { virtualClock } from '../../support/virtual-clock.ts';
import type { VirtualClock } from '../../support/virtual-clock.ts';

export const uuid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** A host with its libvirtd and what was told of it; `start` begins another monitor with what the last one has kept. */
export class Bench {
  readonly clock: VirtualClock = virtualClock();
  readonly libvirtd = new FakeLibvirtd(this.clock);
  readonly logger = recordingLogger();
  readonly told: string[] = [];
  memory: string | undefined;
  writes = 0;
  watch: Watch | undefined;

  async start(options: Partial<GuestsOptions> = {}): Promise<void> {
    this.watch = watchGuests({
      hostname: 'compute-1',
      clock: this.clock,
      randomness: { next: () => 0.5, uuid: () => uuid(0) },
      logger: this.logger,
      onNotification: ({ payload }) =>
        this.told.push(`${payload['instance_uuid']?.slice(-3)} ${payload['vir_domain_event']}`),
      remember: {
        read: () => this.memory,
        write: (text) => {
          this.memory = text;
          this.writes += 1;
        },
      },
      boot: 'boot-1',
      dial: this.libvirtd.dial,
      ...options,
    });
    await this.pass(1_000);
  }

  /** Answers come over streams, which take turns of the event loop and no time. */
  async pass(ms: number): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await this.clock.settle();
    await this.clock.advance(ms);
    for (let turn = 0; turn < 20; turn++) await this.clock.settle();
  }

  guest(number: number, wish: Parameters<FakeLibvirtd['define']>[2] = {}): FakeGuest {
    const guest = this.libvirtd.define(`instance-${number}`, uuid(number), wish);
    this.libvirtd.start(guest);
    return guest;
  }
}
