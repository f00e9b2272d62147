import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MonitorNotification, Watch } from '../../src/compute/notification.ts';
import { openBus } from '../../src/compute/dbus/open-bus.ts';
import { watchHostProcesses } from '../../src/compute/processes/index.ts';
import { USUAL_PROCESS_SETTINGS, type ProcessSettings } from '../../src/compute/processes/settings.ts';
import { systemClock } from '../../src/edge/clock.ts';
import { systemRandomness } from '../../src/edge/randomness.ts';
import { eventually } from '../support/eventually.ts';
import { recordingLogger } from '../support/recording-logger.ts';
import { startSystemd, type SystemdLab } from './lab/systemd.ts';

const SETTINGS: ProcessSettings = {
  ...USUAL_PROCESS_SETTINGS,
  units: ['nova-compute', 'restarting', 'stubborn'].map((name) => ({ name, units: [`${name}.service`] })),
  limits: { ...USUAL_PROCESS_SETTINGS.limits, steadyMs: 1_000 },
};

/** Long enough for everything that must not be reported to have been. */
const QUIET_MS = 1_500;

const NAME = 'org.freedesktop.DBus';

describe('the watch over processes, with a real systemd', () => {
  let lab: SystemdLab;
  let watch: Watch;
  let told: { readonly atMs: number; readonly notification: MonitorNotification }[];
  let remembered: string | undefined;

  const begin = (settings: ProcessSettings = SETTINGS): void => {
    watch = watchHostProcesses({
      hostname: 'compute-1',
      clock: systemClock,
      randomness: systemRandomness,
      logger: recordingLogger(),
      settings,
      busSocket: lab.busSocket,
      onNotification: (notification) => told.push({ atMs: performance.now(), notification }),
      remember: { read: () => remembered, write: (text) => (remembered = text) },
    });
  };
  const events = (): readonly string[] =>
    told.map(({ notification: { payload } }) => `${payload['process_name'] ?? ''} ${payload['event'] ?? ''}`);
  const sees = (words: string): Promise<true> =>
    eventually(`it sees: ${words}`, () => watch.sight().sentence.startsWith(words));
  /** Nothing is told for long enough to say that nothing will be. */
  const quiet = async (): Promise<void> => {
    const before = told.length;
    await expect(eventually('a report', () => told.length > before, { withinMs: QUIET_MS })).rejects.toThrow();
  };

  beforeEach(async () => {
    lab = await startSystemd();
    told = [];
    remembered = undefined;
    await lab.systemctl('start', 'nova-compute', 'restarting', 'stubborn');
    begin();
    await sees('3 processes run');
  });
  afterEach(async () => {
    watch.stop();
    await lab.down();
  });

  it('tells of a killed main process within a second, once, in the words of masakari-processmonitor', async () => {
    const killedAtMs = performance.now();
    await lab.kill('nova-compute');
    const { atMs, notification } = await eventually('a notification', () => told[0]);
    process.stdout.write(`kill -9 of a main process → notification: ${(atMs - killedAtMs).toFixed(0)} ms\n`);
    expect(atMs - killedAtMs).toBeLessThan(2_000);
    expect(notification).toMatchObject({
      type: 'PROCESS',
      hostname: 'compute-1',
      payload: { event: 'STOPPED', process_name: 'nova-compute' },
    });
    expect(notification.generated_time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/);
    await quiet();
    expect(events()).toEqual(['nova-compute STOPPED']);
  });

  it('tells that it is back when it has run for long enough', async () => {
    await lab.kill('nova-compute');
    await eventually('the failure was told', () => told.length === 1);
    await lab.systemctl('start', 'nova-compute');
    await eventually('it was told to be back', () => told.length === 2);
    expect(events()).toEqual(['nova-compute STOPPED', 'nova-compute STARTED']);
  });

  it('tells nothing of what systemd itself brings back, and of what it gives up', async () => {
    await lab.kill('restarting');
    await sees('2 of 3 processes run');
    await sees('3 processes run');
    await quiet();
    expect(events()).toEqual([]);
    await lab.killForGood('restarting');
    await eventually('the failure was told', () => told.length === 1);
    expect(events()).toEqual(['restarting STOPPED']);
  });

  it('tells nothing of a stop that somebody has ordered, however it ends', async () => {
    await lab.systemctl('stop', 'nova-compute', 'stubborn');
    await sees('1 of 3 processes run');
    await quiet();
    expect(events()).toEqual([]);
  });

  it('misses nothing while the bus is away, nor while the monitor is', async () => {
    await lab.systemctl('stop', 'dbus.socket', 'dbus.service');
    await eventually('it is blind', () => watch.sight().kind === 'blind');
    await lab.kill('nova-compute');
    await lab.systemctl('stop', 'stubborn');
    await quiet();
    expect(events()).toEqual([]);
    const backAtMs = performance.now();
    await lab.systemctl('start', 'dbus.socket');
    await eventually('the failure was told', () => told.length === 1, { withinMs: 20_000 });
    process.stdout.write(`the bus is back → notification: ${(performance.now() - backAtMs).toFixed(0)} ms\n`);
    watch.stop();
    await lab.kill('restarting');
    await lab.killForGood('restarting');
    await eventually(
      'systemd gives it up',
      async () => (await lab.systemctl('is-active', 'restarting')) === 'failed\n',
    );
    begin();
    await eventually('the failure was told', () => told.length === 2);
    await quiet();
    expect(events()).toEqual(['nova-compute STOPPED', 'restarting STOPPED']);
  });

  it('restarts what has failed when it is told to, and tells that it is back', async () => {
    watch.stop();
    const restarts = { attempts: 2, firstMs: 200, windowMs: 60_000 };
    begin({ ...SETTINGS, limits: { ...SETTINGS.limits, restarts } });
    await sees('3 processes run');
    await lab.kill('nova-compute');
    await eventually('it is back', () => told.length === 2);
    expect(events()).toEqual(['nova-compute STOPPED', 'nova-compute STARTED']);
  });

  it.each([['daemon-reload'], ['daemon-reexec']])('hears of a failure after %s', async (verb) => {
    await lab.systemctl(verb);
    await sees('3 processes run');
    await lab.kill('nova-compute');
    await eventually('the failure was told', () => told.length === 1);
  });

  it('knows a bus that hangs, and is there when it answers again', async () => {
    const [daemon = 0] = lab.processes('dbus');
    const ports = { clock: systemClock, randomness: systemRandomness, logger: recordingLogger() };
    const bus = openBus({ ...ports, socketPath: lab.busSocket, deadlineMs: 300 });
    const ask = { destination: NAME, path: '/org/freedesktop/DBus', interface: NAME, member: 'GetId' };
    await eventually('it is connected', () => bus.state().kind === 'connected');
    process.kill(daemon, 'SIGSTOP');
    try {
      await expect(bus.call(ask)).rejects.toMatchObject({ code: 'DBUS_TIMED_OUT' });
      expect(bus.state().kind).toBe('away');
    } finally {
      process.kill(daemon, 'SIGCONT');
    }
    await eventually('it is connected again', () => bus.state().kind === 'connected');
    expect(await bus.call(ask)).toHaveLength(1);
    bus.stop();
  });
});
