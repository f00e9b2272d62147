import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startOriginal } from './lab/original.ts';
import type { Original } from './lab/original.ts';
import { WatchedHost } from './lab/watched-host.ts';
import type { Guest } from './lab/watched-host.ts';
import { SCENARIOS } from './scenarios.ts';
import type { Scenario, ScenarioName } from './scenarios.ts';

/** The cloud kernel has no driver for the i6300esb: it is armed over its registers, with the shortest time. */
const FIRE_WATCHDOG = `for i in /sys/bus/pci/devices/*; do [ $(cat $i/device) = 0x25ab ] && d=$i; done
echo 1 > $d/enable; set -- $(head -n1 $d/resource); b=$1
u() { devmem $((b+12)) 16 0x80; devmem $((b+12)) 16 0x86; }
u; devmem $((b)) 32 0x200; u; devmem $((b+4)) 32 0x200
printf "\\\\002" | dd of=$d/config bs=1 seek=104 conv=notrunc`;
const PANIC = 'echo c > /proc/sysrq-trigger';
const WRITE = 'dd if=/dev/zero of=/dev/vda bs=64k count=4; sync';

/** What happens, from when it has happened; `destroyAfter`: it goes on, and is ended when it has told so many. */
interface Act {
  readonly act: (guest: Guest) => Promise<number>;
  readonly destroyAfter?: number;
}

interface Row {
  readonly name: ScenarioName;
  readonly ms: number;
  readonly ours: readonly string[];
  readonly original: readonly string[];
}

describe('of guests of a real libvirt', () => {
  let watched: WatchedHost;
  let original: Original;
  const guests = new Map<string, Guest>();
  const disks = new Map<string, () => Promise<void>>();
  const rows: Row[] = [];

  const the = (name: ScenarioName): Guest => {
    const guest = guests.get(name);
    if (guest === undefined) throw new Error(`no guest ${name}`);
    return guest;
  };
  const kill = async (guest: Guest): Promise<number> => {
    const began = performance.now();
    watched.killQemu(guest);
    return began;
  };
  const inGuest = (line: string) => async (guest: Guest) => {
    const began = performance.now();
    await watched.inGuest(guest, line);
    return began;
  };
  const failDisk = async (guest: Guest): Promise<number> => {
    await disks.get(guest.name)?.();
    return inGuest(WRITE)(guest);
  };
  const told = (guest: Guest, count: number): Promise<unknown> =>
    eventually(`${count} reports of ${guest.name}`, () => watched.reports(guest).length >= count, { withinMs: 40_000 });
  const off = ({ name }: Guest): Promise<unknown> =>
    eventually('it is off', async () => (await watched.host.virsh(['domstate', name])).stdout.includes('shut off'));

  /** Compares what both have told with what is written, and notes it. */
  const compare = async (name: ScenarioName, beganMs: number): Promise<void> => {
    const { ours, original: theirs }: Scenario = SCENARIOS[name];
    const guest = the(name);
    await told(guest, ours.length);
    const arrived = async (): Promise<boolean> => {
      const reports = await original.reports(guest.uuid);
      return theirs.every((report) => reports.includes(report));
    };
    await eventually(`the original tells ${theirs.join(', ')}`, arrived, { everyMs: 100 });
    const found = { ours: watched.reports(guest), original: await original.reports(guest.uuid) };
    rows.push({ name, ms: watched.firstAfter(guest, beganMs), ...found });
    expect(found.ours.toSorted()).toEqual(ours.toSorted());
    expect(found.original.toSorted()).toEqual(theirs.toSorted());
  };

  beforeAll(async () => {
    watched = await WatchedHost.start();
    original = await startOriginal(watched.host);
    for (const name of Object.keys(SCENARIOS) as ScenarioName[]) guests.set(name, await boot(name));
    for (const guest of guests.values()) await watched.up(guest);
  });
  const boot = async (name: ScenarioName): Promise<Guest> => {
    if (name === 'preserved') return watched.boot(name, { onCrash: 'preserve' });
    if (name === 'stranger') return watched.boot(name, { maker: 'somebody' });
    if (name !== 'disk-stop' && name !== 'disk-report') return watched.boot(name);
    const { devices, fail } = await watched.disk(name, name === 'disk-stop' ? 'stop' : 'report');
    disks.set(name, fail);
    return watched.boot(name, { devices });
  };
  afterAll(async () => {
    process.stdout.write(table(rows));
    await original?.stop();
    await watched?.remove();
  });

  const ACTS = {
    killed: { act: kill },
    again: {
      act: async (guest) => {
        await kill(guest);
        await told(guest, 1);
        await watched.host.virsh(['start', guest.name]);
        return kill(guest);
      },
    },
    panic: { act: inGuest(PANIC) },
    preserved: { act: inGuest(PANIC), destroyAfter: 1 },
    poweroff: { act: inGuest('poweroff -f') },
    reboot: { act: inGuest('reboot -f'), destroyAfter: 1 },
    watchdog: { act: inGuest(FIRE_WATCHDOG), destroyAfter: 2 },
    'disk-stop': { act: failDisk, destroyAfter: 3 },
    'disk-report': { act: failDisk, destroyAfter: 2 },
    owner: {
      act: async ({ name }) => {
        await watched.host.virsh(['suspend', name]);
        await watched.host.virsh(['resume', name]);
        return performance.now();
      },
      destroyAfter: 0,
    },
  } as const satisfies Readonly<Record<string, Act>>;

  it.each(Object.entries(ACTS) as [keyof typeof ACTS, Act][])(
    '%s: what is written is told, and nothing else',
    async (name, { act, destroyAfter }) => {
      const guest = the(name);
      const began = await act(guest);
      if (destroyAfter !== undefined) {
        await told(guest, destroyAfter);
        await watched.host.virsh(['destroy', name]);
      }
      await compare(name, began);
    },
  );

  it('the end of a QEMU that was killed is told within 500 ms', () => {
    expect(rows.find(({ name }) => name === 'killed')?.ms).toBeLessThanOrEqual(500);
  });

  it('stranger: a guest that is not Nova’s is nobody’s instance, and nothing is told', async () => {
    const began = await kill(the('stranger'));
    await off(the('stranger'));
    const marker = await watched.boot('marker');
    await watched.host.virsh(['destroy', 'marker']);
    await told(marker, 1);
    await compare('stranger', began);
  });

  it('hung, mute: no event tells of a QEMU that hangs or an agent that is stopped; the agent’s silence does', async () => {
    await watched.inGuest(the('mute'), 'kill -STOP $(pidof qemu-ga)');
    process.kill(watched.host.qemuOf('hung'), 'SIGSTOP');
    const began = performance.now();
    await compare('hung', began);
    await compare('mute', began);
    process.kill(watched.host.qemuOf('hung'), 'SIGCONT');
  });

  it('while-away: a guest that dies while the monitor is away is told when it is back', async () => {
    watched.stopWatch();
    await kill(the('while-away'));
    await off(the('while-away'));
    const began = performance.now();
    watched.startWatch();
    await compare('while-away', began);
  });

  it('while-hung: while libvirtd hangs the watch says that it is blind, and tells it when it sees again', async () => {
    watched.host.freezeLibvirt();
    await kill(the('while-hung'));
    await eventually('the watch is blind', () => watched.sight === 'blind', { withinMs: 20_000 });
    const began = performance.now();
    watched.host.resumeLibvirt();
    await eventually('the watch sees', () => watched.sight === 'watching', { withinMs: 20_000 });
    await compare('while-hung', began);
  });

  it('while-down: a guest that dies while libvirtd is down is told when that is back', async () => {
    const qemu = watched.host.qemuOf('while-down');
    await watched.host.killLibvirt();
    process.kill(qemu, 'SIGKILL');
    await eventually('the watch is blind', () => watched.sight === 'blind');
    const began = performance.now();
    await watched.host.startLibvirt();
    await compare('while-down', began);
  });

  it('nothing else was told of any guest until the end', () => {
    for (const [name, { ours }] of Object.entries<Scenario>(SCENARIOS)) {
      expect(watched.reports(the(name as ScenarioName)).toSorted(), name).toEqual(ours.toSorted());
    }
  });
});

function table(rows: readonly Row[]): string {
  const cells = rows.map(({ name, ms, ours, original }) => [
    SCENARIOS[name].what,
    Number.isFinite(ms) ? String(ms) : '',
    ours.join(', ') || 'nothing',
    original.join(', ') || 'nothing',
  ]);
  const head = ['what happens to a guest', 'ms', 'lifeboat-monitor', 'masakari-instancemonitor'];
  const [titles, ...lines] = [head, ...cells].map((line) => `| ${line.join(' | ')} |`);
  return `\n${[titles, '| --- | --- | --- | --- |', ...lines].join('\n')}\n\n`;
}
