import { afterEach, describe, expect, it } from 'vitest';
import { afterPing, NEW_AGENT } from '../../../src/compute/agent/agent-health.ts';
import type { AgentHealth } from '../../../src/compute/agent/agent-health.ts';
import type { AgentsOptions } from '../../../src/compute/watch-guests.ts';
import type { FakeGuest } from '../../guests/fake/fake-guest.ts';
import { Bench } from './bench.ts';

const USUAL: AgentsOptions = { intervalMs: 10_000, timeoutS: 2, threshold: 3 };

describe('what is thought of an agent', () => {
  /** One ping each: `+` answered, `-` silent; answers the state after each, with `!` where it is reported. */
  const course = (pings: string): string => {
    let health: AgentHealth = NEW_AGENT;
    return [...pings]
      .map((ping) => {
        const next = afterPing(health, ping === '+' ? 'answered' : 'silent');
        health = next.health;
        return `${health.state}${next.verdict === 'report' ? '!' : ''}`;
      })
      .join(' ');
  };

  it.each([
    ['one that has never answered is never reported', '------', 'discovery '.repeat(6).trim()],
    ['one that answers is healthy', '++', 'healthy healthy'],
    [
      'more than three silences, one after another, are reported once',
      '+----------',
      `healthy error error error reported!${' reported'.repeat(6)}`,
    ],
    ['an answer in time takes the silences back', '+---+---', 'healthy error error error healthy error error error'],
    [
      'after it was reported it is discovered again first',
      '+----++----',
      'healthy error error error reported! discovery healthy error error error reported!',
    ],
    [
      'reported, then one answer, then silence: nothing more',
      '+----+----',
      'healthy error error error reported! discovery discovery discovery discovery discovery',
    ],
  ])('%s', (_, pings, expected) => {
    expect(course(pings)).toBe(expected);
  });
});

describe('the agents of the guests', () => {
  const benches: Bench[] = [];
  const start = async (
    guests: number,
    agents: Partial<AgentsOptions> = {},
  ): Promise<{ readonly bench: Bench; readonly all: readonly FakeGuest[] }> => {
    const bench = new Bench();
    benches.push(bench);
    const all = Array.from({ length: guests }, (_, index) => bench.guest(index + 1));
    await bench.start({ agents: { ...USUAL, ...agents } });
    return { bench, all };
  };
  afterEach(async () => {
    for (const each of benches.splice(0)) {
      each.watch?.stop();
      await each.pass(60_000);
      expect(each.clock.scheduled, 'no timer is left behind').toBe(0);
    }
  });

  it('are asked every ten seconds, one ping at a time for each', async () => {
    const { bench } = await start(1);
    await bench.pass(600_000);
    expect(bench.libvirtd.pings.most).toBe(1);
    expect(bench.libvirtd.pings.all).toBeGreaterThanOrEqual(59);
    expect(bench.libvirtd.pings.all).toBeLessThanOrEqual(62);
    expect(bench.told).toEqual([]);
  });

  it('are 200 on one host, of whom twenty hang: those are reported, and the others are asked as often as ever', async () => {
    const { bench, all } = await start(200);
    await bench.pass(30_000);
    const hanging = all.slice(0, 20);
    for (const guest of hanging) guest.agent = 'hangs';
    await bench.pass(60_000);
    const before = bench.libvirtd.pings;
    await bench.pass(600_000);
    const { all: asked, most } = bench.libvirtd.pings;
    // 180 healthy ones for 600 s, each 10 s; of those that hang, two at a time for 5 s.
    expect(asked - before.all).toBeGreaterThan(180 * 60 * 0.95);
    expect(most).toBeLessThanOrEqual(4);
    expect(bench.told.toSorted()).toEqual(hanging.map(({ uuid }) => `${uuid.slice(-3)} STOPPED_FAILED`).toSorted());
  });

  it('that hang all at once are all reported, and never more than four are asked at one time', async () => {
    const { bench, all } = await start(200);
    await bench.pass(30_000);
    for (const guest of all) guest.agent = 'hangs';
    await bench.pass(3_600_000);
    expect(bench.libvirtd.pings.most).toBeLessThanOrEqual(4);
    expect(new Set(bench.told).size).toBe(200);
    expect(bench.told).toHaveLength(200);
  });

  it('that are absent, or have no channel, never answered and are never reported', async () => {
    const { bench, all } = await start(3);
    benches[0]?.watch?.stop();
    for (const [index, agent] of (['absent', 'no channel', 'hangs'] as const).entries()) {
      const guest = all[index];
      if (guest !== undefined) guest.agent = agent;
    }
    await bench.start({ agents: USUAL });
    await bench.pass(600_000);
    expect(bench.told).toEqual([]);
  });

  it('of a guest that boots, also by itself, or is started anew, are discovered again', async () => {
    const { bench, all } = await start(2);
    await bench.pass(30_000);
    const [reboots, dies] = all as [FakeGuest, FakeGuest];
    reboots.agent = 'absent';
    bench.libvirtd.emit('reboot', reboots);
    bench.libvirtd.kill(dies);
    dies.agent = 'absent';
    bench.libvirtd.start(dies);
    await bench.pass(600_000);
    expect(bench.told).toEqual(['001 UNKNOWN', '002 STOPPED_FAILED']);
  });

  it('that answer while their guest begins to boot have answered for its former life', async () => {
    const { bench, all } = await start(1);
    const [guest] = all as [FakeGuest];
    for (let ms = 0; ms < 20_000 && bench.libvirtd.pings.now === 0; ms++) await bench.clock.advance(1);
    expect(bench.libvirtd.pings.now).toBe(1);
    bench.libvirtd.emit('reboot', guest);
    await bench.clock.settle();
    await bench.pass(20);
    guest.agent = 'absent';
    await bench.pass(600_000);
    expect(bench.told).toEqual(['001 UNKNOWN']);
  });

  it('of a guest that is paused say nothing', async () => {
    const { bench, all } = await start(1);
    await bench.pass(30_000);
    const [guest] = all as [FakeGuest];
    guest.state = [3, 1];
    await bench.pass(600_000);
    expect(bench.told).toEqual([]);
  });

  it('are not blamed for a libvirt that is down or hangs', async () => {
    const { bench } = await start(5);
    await bench.pass(30_000);
    bench.libvirtd.crash();
    await bench.pass(120_000);
    bench.libvirtd.restart();
    await bench.pass(30_000);
    bench.libvirtd.freeze();
    await bench.pass(120_000);
    bench.libvirtd.thaw();
    await bench.pass(120_000);
    expect(bench.told).toEqual([]);
    const before = bench.libvirtd.pings.all;
    await bench.pass(60_000);
    expect(bench.libvirtd.pings.all - before).toBeGreaterThanOrEqual(25);
  });

  it('do not make us knock at a libvirt that is down once for each guest', async () => {
    const { bench } = await start(200);
    await bench.pass(30_000);
    bench.libvirtd.crash();
    const before = bench.libvirtd.dialled;
    await bench.pass(60_000);
    expect(bench.libvirtd.dialled - before).toBeLessThan(90);
  });

  it('are not asked when nobody wants it', async () => {
    const bench = new Bench();
    benches.push(bench);
    bench.guest(1);
    await bench.start();
    await bench.pass(60_000);
    expect(bench.libvirtd.pings.all).toBe(0);
  });
});
