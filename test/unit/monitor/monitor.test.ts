import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MonitorNotification, Sight } from '../../../src/compute/notification.ts';
import { exchange } from '../../../src/control/exchange.ts';
import { askMonitor } from '../../../src/monitor/cli/ask.ts';
import type { Delivery } from '../../../src/monitor/delivery/delivery.ts';
import { startMonitor, type Monitor } from '../../../src/monitor/monitor.ts';
import { fileMemory } from '../../../src/monitor/remember.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { virtualClock } from '../../support/virtual-clock.ts';
import { mortalJournal } from './mortal-journal.ts';
import { death } from './notifications.ts';

let folder: string;
let socketPath: string;
let monitor: Monitor | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lifeboat-monitor-'));
  socketPath = join(folder, 'monitor.sock');
});
afterEach(async () => {
  await monitor?.stop();
  monitor = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function begin(more: { readonly startWatch?: () => void } = {}) {
  const clock = virtualClock();
  const journal = mortalJournal();
  const told: string[] = [];
  let sight: Sight = { kind: 'watching', sentence: '12 guests' };
  let answer: Delivery = { kind: 'taken', said: 'the engine has it' };
  let tell: (notification: MonitorNotification) => void = () => undefined;
  monitor = await startMonitor({
    ...{ hostname: 'cmp1', version: '0', pid: 1, socketPath, maxReports: 100, clock, logger: recordingLogger() },
    randomness: { next: () => 0.5, uuid: () => '' },
    openJournal: () => journal,
    memoryOf: (name) => fileMemory(join(folder, name)),
    deliver: async (report) => {
      told.push(report.id);
      return answer;
    },
    plans: [
      {
        name: 'guests',
        start: ({ hostname, onNotification, remember }) => {
          more.startWatch?.();
          tell = onNotification;
          remember.write(hostname);
          return { sight: () => sight, stop: () => undefined };
        },
      },
    ],
  });
  return {
    clock,
    journal,
    told,
    tell: (notification: MonitorNotification) => {
      tell(notification);
    },
    become: (next: Sight) => (sight = next),
    answer: (next: Delivery) => (answer = next),
  };
}

describe('the monitor', () => {
  it('has what a watch tells on disk when the watch goes on, and delivers it', async () => {
    const { clock, journal, tell, told } = await begin();
    tell(death(1));
    expect(journal.text).toContain('STOPPED_FAILED');
    await clock.settle();
    expect(told).toHaveLength(1);
    expect(monitor?.status()).toMatchObject({
      host: 'cmp1',
      waiting: 0,
      summary: '12 guests; 0 waiting',
      concerns: [],
    });
    expect(fileMemory(join(folder, 'guests')).read()).toBe('cmp1');
  });

  it('says since when it is blind, though nobody asked meanwhile', async () => {
    const { become, clock } = await begin();
    become({ kind: 'blind', sentence: 'libvirt does not answer; see its log' });
    await clock.advance(600_000);
    expect(monitor?.status().summary).toBe('blind: libvirt does not answer, since 00:00Z; 0 waiting');
    become({ kind: 'watching', sentence: '12 guests' });
    expect(monitor?.status().watches[0]?.sinceMs).toBe(clock.now());
  });

  it('sends again what was put aside, or forgets it, when it is asked over its socket', async () => {
    const { answer, clock, tell, told } = await begin();
    answer({ kind: 'refused', said: 'no uuid' });
    tell(death(1));
    await clock.settle();
    expect(monitor?.status().aside).toMatchObject([{ reason: 'no uuid' }]);
    expect(await askMonitor(socketPath, 'retry')).toEqual({ count: 1 });
    await clock.settle();
    expect(told).toHaveLength(2);
    expect(await askMonitor(socketPath, 'forget')).toEqual({ count: 1 });
    expect(await askMonitor(socketPath, 'status')).toMatchObject({ aside: [], concerns: [] });
  });

  it('answers rubbish with what it takes', async () => {
    await begin();
    for (const line of ['', 'null', '{"op":"reboot"}', 'x'.repeat(5_000)]) {
      const answer = await exchange(socketPath, line, 1_000);
      expect(answer).toMatchObject({ outcome: 'answered', line: expect.stringContaining('"ok":false') as string });
    }
  });

  it('is one on a host: a second one begins nothing, and the first goes on', async () => {
    await begin();
    const first = monitor;
    await expect(begin()).rejects.toMatchObject({ code: 'SOCKET_TAKEN' });
    monitor = first;
    expect(await askMonitor(socketPath, 'status')).toMatchObject({ host: 'cmp1' });
  });

  it('gives its socket back when a watch cannot be begun', async () => {
    const startWatch = (): void => {
      throw new Error('no such list of processes');
    };
    await expect(begin({ startWatch })).rejects.toThrow('no such list of processes');
    await expect(askMonitor(socketPath, 'status')).rejects.toMatchObject({ code: 'MONITOR_UNREACHABLE' });
  });
});

describe('the memory of a watch', () => {
  it('is nothing at first, then what was written last, and a half-written one changes nothing', () => {
    const memory = fileMemory(join(folder, 'guests'));
    expect(memory.read()).toBeUndefined();
    memory.write('one');
    writeFileSync(join(folder, 'guests.new'), 'ha');
    expect(fileMemory(join(folder, 'guests')).read()).toBe('one');
    memory.write('two');
    expect(memory.read()).toBe('two');
  });
});
