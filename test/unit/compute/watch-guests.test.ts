import { afterEach, describe, expect, it } from 'vitest';
import { EVENT_SOURCES, PROCEDURE, REFUSAL } from '../../../src/compute/libvirt/procedures.ts';
import type { FakeGuest } from '../../guests/fake/fake-guest.ts';
import { Bench } from './bench.ts';

describe('the watch over the guests', () => {
  const benches: Bench[] = [];
  const bench = (): Bench => {
    const made = new Bench();
    benches.push(made);
    return made;
  };
  afterEach(async () => {
    for (const each of benches.splice(0)) {
      each.watch?.stop();
      await each.pass(60_000);
      expect(each.clock.scheduled, 'no timer is left behind').toBe(0);
    }
  });

  it('tells the death of a guest as it happens, once, and of a guest that is new since the look', async () => {
    const mine = bench();
    const first = mine.guest(1);
    await mine.start();
    expect(mine.watch?.sight()).toEqual({ kind: 'watching', sentence: '1 instances are watched over libvirt' });
    const second = mine.guest(2);
    mine.libvirtd.kill(first);
    mine.libvirtd.kill(second);
    await mine.pass(120_000);
    expect(mine.told).toEqual(['001 STOPPED_FAILED', '002 STOPPED_FAILED']);
  });

  it('watches a guest that was started two seconds ago like all others, and looks again when it would have', async () => {
    const mine = bench();
    await mine.start();
    mine.guest(1);
    await mine.pass(2_000);
    expect(mine.watch?.sight().sentence).toBe('1 instances are watched over libvirt');
    const late = mine.guest(2);
    mine.libvirtd.guests.delete(late.uuid);
    await mine.pass(15_000);
    expect(mine.told, 'the second look, 10 s after the first').toEqual(['002 STOPPED_FAILED']);
  });

  it('tells nothing of a guest that Nova did not make', async () => {
    const mine = bench();
    const stranger = mine.guest(1, { maker: 'somebody' });
    await mine.start();
    const later = mine.guest(2, { maker: 'somebody' });
    await mine.pass(100);
    mine.libvirtd.kill(stranger);
    mine.libvirtd.kill(later);
    await mine.pass(120_000);
    expect(mine.told).toEqual([]);
    expect(mine.watch?.sight().sentence).toBe('0 instances are watched over libvirt');
  });

  it('finds what died while libvirtd was down: gone altogether, or off with whatever reason', async () => {
    const mine = bench();
    const guests = [1, 2, 3, 4, 5].map((number) => mine.guest(number));
    await mine.start();
    mine.libvirtd.crash();
    await mine.pass(1_000);
    expect(mine.watch?.sight()).toMatchObject({ kind: 'blind' });
    const [gone, crashed, unknown, stopped] = guests as [FakeGuest, FakeGuest, FakeGuest, FakeGuest, FakeGuest];
    mine.libvirtd.guests.delete(gone.uuid);
    mine.libvirtd.stop(crashed, 5, 3);
    mine.libvirtd.stop(unknown, 5, 0);
    mine.libvirtd.stop(stopped, 1, 2);
    mine.libvirtd.restart();
    await mine.pass(12_000);
    expect(mine.told.toSorted()).toEqual([
      '001 STOPPED_FAILED',
      '002 STOPPED_FAILED',
      '003 STOPPED_FAILED',
      '004 STOPPED_DESTROYED',
    ]);
    expect(mine.watch?.sight().sentence).toBe('1 instances are watched over libvirt');
    expect(mine.logger.lines).toContain('info: the guests of this host are seen again');
    await mine.pass(120_000);
    expect(mine.told).toHaveLength(4);
  });

  it('finds what died while the monitor was away', async () => {
    const mine = bench();
    const guest = mine.guest(1);
    mine.guest(2);
    await mine.start();
    mine.watch?.stop();
    mine.libvirtd.kill(guest);
    await mine.pass(5_000);
    expect(mine.told).toEqual([]);
    await mine.start();
    expect(mine.told).toEqual(['001 STOPPED_FAILED']);
    mine.watch?.stop();
    await mine.start();
    expect(mine.told).toHaveLength(1);
  });

  it('takes what ran before the host booted for gone with the host, and tells none of it', async () => {
    const mine = bench();
    const guest = mine.guest(1);
    await mine.start();
    mine.watch?.stop();
    mine.libvirtd.kill(guest);
    await mine.start({ boot: 'boot-2' });
    expect(mine.told).toEqual([]);
  });

  it.each(['', 'rubbish', '{"version":1,"boot":"boot-1","guests":[{}]}', '{"version":2}', '[]', 'null'])(
    'watches on when what it kept is %j, and says so',
    async (text) => {
      const mine = bench();
      mine.memory = text;
      const guest = mine.guest(1);
      await mine.start();
      expect(mine.logger.lines).toContainEqual(expect.stringContaining('the list of guests that ran is unreadable'));
      mine.libvirtd.kill(guest);
      await mine.pass(10);
      expect(mine.told).toEqual(['001 STOPPED_FAILED']);
    },
  );

  it('watches on when what it knows cannot be kept, and says so', async () => {
    const mine = bench();
    const guest = mine.guest(1);
    const write = (): never => {
      throw new Error('ENOSPC');
    };
    await mine.start({ remember: { read: () => undefined, write } });
    mine.libvirtd.kill(guest);
    await mine.pass(10);
    expect(mine.told).toEqual(['001 STOPPED_FAILED']);
    expect(mine.logger.lines).toContainEqual(expect.stringMatching(/^error: the list of guests .* cannot be kept/));
  });

  it('forgets a guest only after its end was told: whoever dies between tells it twice, and not never', async () => {
    const mine = bench();
    const guest = mine.guest(1);
    const order: string[] = [];
    await mine.start({
      onNotification: () => order.push('told'),
      remember: {
        read: () => undefined,
        write: (text) => order.push(text.includes(guest.uuid) ? 'known' : 'forgotten'),
      },
    });
    mine.libvirtd.kill(guest);
    await mine.pass(10);
    expect(order).toEqual(['known', 'told', 'forgotten']);
  });

  it('writes only what is new', async () => {
    const mine = bench();
    mine.guest(1);
    await mine.start();
    const before = mine.writes;
    await mine.pass(3_600_000);
    expect(mine.writes).toBe(before);
  });

  it('tells a second death within a minute when the start between happened out of its sight', async () => {
    const mine = bench();
    const guest = mine.guest(1);
    await mine.start();
    mine.libvirtd.kill(guest);
    await mine.pass(100);
    // The connection breaks, while libvirtd itself serves whoever starts the guest.
    mine.libvirtd.crash();
    mine.libvirtd.restart();
    mine.libvirtd.start(guest);
    await mine.pass(1_000);
    mine.libvirtd.kill(guest);
    await mine.pass(100);
    expect(mine.told).toEqual(['001 STOPPED_FAILED', '001 STOPPED_FAILED']);
  });

  it('tells once that a guest stands still, and finds one that came to it unseen', async () => {
    const mine = bench();
    const guest = mine.guest(1);
    await mine.start();
    guest.state = [3, 5];
    await mine.pass(65_000);
    expect(mine.told).toEqual(['001 SUSPENDED_IOERROR']);
    await mine.pass(600_000);
    expect(mine.told).toHaveLength(1);
    guest.state = [1, 1];
    mine.libvirtd.lifecycle(guest, 4, 0);
    guest.state = [6, 0];
    await mine.pass(65_000);
    expect(mine.told).toEqual(['001 SUSPENDED_IOERROR', '001 CRASHED_PANICKED']);
  });

  it('tells nothing of what an owner or Nova does: pause, save, live migration', async () => {
    const mine = bench();
    const guest = mine.guest(1);
    await mine.start();
    mine.libvirtd.lifecycle(guest, 3, 0);
    guest.state = [3, 1];
    await mine.pass(65_000);
    mine.libvirtd.lifecycle(guest, 4, 0);
    mine.libvirtd.lifecycle(guest, 3, 1);
    mine.libvirtd.stop(guest, 3, 4);
    mine.libvirtd.guests.delete(guest.uuid);
    await mine.pass(65_000);
    expect(mine.told).toEqual([]);
  });

  it('says why it is blind, and comes back by itself when it is let in', async () => {
    const mine = bench();
    mine.libvirtd.refusals.set(PROCEDURE.open.number, REFUSAL.authFailed);
    await mine.start();
    expect(mine.watch?.sight()).toMatchObject({
      kind: 'blind',
      sentence: expect.stringContaining('polkit rule or the group of the socket') as string,
    });
    mine.libvirtd.refusals.clear();
    await mine.pass(15_000);
    expect(mine.watch?.sight().kind).toBe('watching');
  });

  it('knocks at a libvirtd that is down some times a minute, not more, and says it once', async () => {
    const mine = bench();
    mine.libvirtd.crash();
    await mine.start();
    await mine.pass(600_000);
    expect(mine.libvirtd.dialled).toBeLessThan(80);
    expect(mine.libvirtd.dialled).toBeGreaterThan(50);
    expect(mine.logger.lines.filter((line) => line.startsWith('warn'))).toHaveLength(1);
  });

  it('does without the kinds of events that an old libvirt has not', async () => {
    const mine = bench();
    const guest = mine.guest(1);
    for (const source of ['ioErrorReason', 'agentLifecycle'] as const) {
      mine.libvirtd.unknownEvents.add(EVENT_SOURCES[source].id);
    }
    await mine.start();
    mine.libvirtd.kill(guest);
    await mine.pass(10);
    expect(mine.told).toEqual(['001 STOPPED_FAILED']);
    expect(mine.logger.lines.filter((line) => line.startsWith('warn: libvirt has no events of the kind'))).toHaveLength(
      2,
    );
  });

  it('is blind without the events of a guest’s life', async () => {
    const mine = bench();
    mine.libvirtd.unknownEvents.add(EVENT_SOURCES.lifecycle.id);
    await mine.start();
    expect(mine.watch?.sight().kind).toBe('blind');
  });

  it('drops a connection that sends rubbish, and goes on with a new one', async () => {
    const mine = bench();
    const guest = mine.guest(1);
    await mine.start();
    mine.libvirtd.raw(Buffer.alloc(64, 0xee));
    await mine.pass(1);
    expect(mine.watch?.sight().kind).toBe('blind');
    await mine.pass(1_000);
    mine.libvirtd.kill(guest);
    await mine.pass(10);
    expect(mine.told).toEqual(['001 STOPPED_FAILED']);
  });

  it('says nothing after it was stopped', async () => {
    const mine = bench();
    const guest = mine.guest(1);
    await mine.start();
    mine.watch?.stop();
    mine.libvirtd.kill(guest);
    await mine.pass(120_000);
    expect(mine.told).toEqual([]);
  });
});
