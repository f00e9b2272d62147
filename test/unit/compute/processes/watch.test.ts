import { beforeEach, describe, expect, it } from 'vitest';
import type { Watch } from '../../../../src/compute/notification.ts';
import { USUAL_PROCESS_LIMITS, type RestartLimits } from '../../../../src/compute/processes/limits.ts';
import type { ProcessSource } from '../../../../src/compute/processes/source.ts';
import { UnitSource } from '../../../../src/compute/processes/unit-source.ts';
import { watchProcesses } from '../../../../src/compute/processes/watch.ts';
import { LifeboatError } from '../../../../src/errors.ts';
import { FakeSystemd } from '../../../processes/fake/fake-systemd.ts';
import { recordingLogger, type RecordingLogger } from '../../../support/recording-logger.ts';
import { virtualClock, type VirtualClock } from '../../../support/virtual-clock.ts';

const UNITS = ['nova-compute', 'restarting', 'never-ready'];

describe('the watch over processes', () => {
  let clock: VirtualClock;
  let systemd: FakeSystemd;
  let logger: RecordingLogger;
  let told: string[];
  let disk: string | undefined;
  let spool: 'takes' | 'refuses';

  interface Beginning {
    readonly restarts?: RestartLimits;
    readonly units?: readonly string[];
    readonly source?: ProcessSource;
  }
  const unitSource = (names: readonly string[]): ProcessSource => {
    const units = names.map((name) => ({ name, units: [`${name}.service`] }));
    return new UnitSource({ bus: systemd, logger, units, everyMs: 30_000, settleMs: 500 });
  };
  const begin = ({ restarts, units = UNITS, source = unitSource(units) }: Beginning = {}): Watch => {
    return watchProcesses({
      hostname: 'compute-1',
      clock,
      logger,
      sources: [source],
      limits: { ...USUAL_PROCESS_LIMITS, ...(restarts !== undefined && { restarts }) },
      onNotification: ({ payload }) => {
        if (spool === 'refuses') throw new Error('no space left on device');
        told.push(`${clock.monotonic()} ${payload['process_name'] ?? ''} ${payload['event'] ?? ''}`);
      },
      remember: {
        read: () => disk,
        write: (text) => {
          disk = text;
        },
      },
    });
  };

  beforeEach(() => {
    clock = virtualClock();
    systemd = new FakeSystemd(clock);
    logger = recordingLogger();
    told = [];
    disk = undefined;
    spool = 'takes';
    systemd.start('nova-compute');
    systemd.start('restarting');
  });

  it('says what it sees in one sentence', async () => {
    const watch = begin({ units: ['nova-compute', 'restarting'] });
    expect(watch.sight()).toEqual({ kind: 'blind', sentence: 'not looked at yet: nova-compute, restarting' });
    await clock.settle();
    expect(watch.sight()).toEqual({ kind: 'watching', sentence: '2 processes run' });
    systemd.kill('nova-compute');
    await clock.settle();
    expect(watch.sight()).toEqual({
      kind: 'watching',
      sentence: '1 of 2 processes run; nova-compute: nova-compute.service has ended by itself: killed by signal 9',
    });
  });

  it('is blind for a unit that somebody has named and that is not there', async () => {
    const watch = begin({ units: ['nova-compute', 'nova-compte'] });
    await clock.settle();
    expect(watch.sight()).toEqual({
      kind: 'blind',
      sentence: 'nova-compte: there is no nova-compte.service on this host (since 00:00:00 UTC)',
    });
  });

  it('tells of a failure after half a second, from the signal and not from the next look', async () => {
    begin();
    await clock.advance(1_000);
    systemd.kill('nova-compute');
    await clock.advance(60_000);
    expect(told).toEqual(['1500 nova-compute STOPPED']);
  });

  it('misses nothing between its first question and the moment when it hears signals', async () => {
    const { match } = systemd;
    Object.assign(systemd, {
      match: (...args: Parameters<FakeSystemd['match']>) => {
        const isAsked = args[0].path === systemd.unit('nova-compute').path;
        if (isAsked && systemd.unit('nova-compute').isRunning) systemd.kill('nova-compute');
        return match(...args);
      },
    });
    begin();
    await clock.advance(1_000);
    expect(told).toEqual(['500 nova-compute STOPPED']);
  });

  it('has on disk that it restarts a process before it does', async () => {
    let onDiskThen: string | undefined;
    const source: ProcessSource = {
      names: ['a'],
      everyMs: 30_000,
      settleMs: 0,
      look: async () => new Map([['a', { kind: 'failed', sentence: 'killed' } as const]]),
      canRestart: () => true,
      restart: async () => {
        onDiskThen = disk;
      },
      onWake: () => {},
      stop: () => {},
    };
    begin({ restarts: { attempts: 2, firstMs: 1_000, windowMs: 600_000 }, source });
    await clock.advance(1_500);
    expect(JSON.parse(onDiskThen ?? '{}')).toMatchObject({
      processes: [{ name: 'a', told: 'STOPPED', restartsAtMs: [clock.now() - 500] }],
    });
  });

  it('looks without a signal as well', async () => {
    begin();
    await clock.advance(1_000);
    const unit = systemd.unit('nova-compute');
    Object.assign(unit, { activeState: 'failed', subState: 'failed', result: 'signal' });
    await clock.advance(30_000);
    expect(told).toEqual(['30500 nova-compute STOPPED']);
  });

  it('tells nothing of what systemd restarts, and tells when it gives up', async () => {
    begin();
    for (let time = 1; time <= 2; time += 1) {
      await clock.advance(1_000);
      systemd.kill('restarting');
    }
    await clock.advance(1_000);
    expect(told).toEqual([]);
    systemd.kill('restarting');
    await clock.advance(10_000);
    expect(told).toEqual(['3500 restarting STOPPED']);
  });

  it('tells of one that does not come up, when patience ends', async () => {
    systemd.start('never-ready');
    begin();
    await clock.advance(130_000);
    expect(told).toEqual(['120000 never-ready STOPPED']);
  });

  it('tells of a failure while the bus was away as soon as it is back', async () => {
    const watch = begin();
    await clock.advance(1_000);
    systemd.loseBus('for good');
    systemd.kill('nova-compute');
    await clock.advance(100_000);
    expect(watch.sight().sentence).toContain('the bus is away [DBUS_UNREACHABLE] (since 00:00:01 UTC)');
    expect(told).toEqual([]);
    systemd.bringBusBack();
    await clock.advance(1_000);
    expect(told).toEqual(['101500 nova-compute STOPPED']);
    expect(logger.lines.filter((line) => line.includes('cannot be watched'))).toHaveLength(1);
  });

  it('does not take silence of systemd for a failure', async () => {
    const watch = begin();
    await clock.advance(1_000);
    systemd.refusal = new LifeboatError('DBUS_REFUSED', 'access denied');
    await clock.advance(300_000);
    expect(watch.sight().kind).toBe('blind');
    expect(told).toEqual([]);
  });

  it('is blind for the one unit only of which systemd will not speak, and asks again soon', async () => {
    const { call } = systemd;
    const refusal = new LifeboatError('DBUS_REFUSED', 'unknown object');
    let isRefused = true;
    Object.assign(systemd, {
      call: async (asked: Parameters<FakeSystemd['call']>[0]) => {
        if (asked.member === 'Get' && isRefused) throw refusal;
        return call(asked);
      },
    });
    const watch = begin({ units: ['nova-compute', 'restarting'] });
    systemd.kill('nova-compute');
    await clock.advance(4_000);
    expect(watch.sight().sentence).toMatch(/^nova-compute: unknown object/);
    isRefused = false;
    await clock.advance(2_000);
    expect(told).toEqual(['5500 nova-compute STOPPED']);
  });

  it('tells nothing twice over a restart of the monitor, and what happened meanwhile', async () => {
    const first = begin();
    await clock.advance(1_000);
    systemd.kill('nova-compute');
    await clock.advance(1_000);
    first.stop();
    for (let time = 1; time <= 3; time += 1) {
      systemd.kill('restarting');
      await clock.advance(1_000);
    }
    const second = begin();
    await clock.advance(60_000);
    expect(told).toEqual(['1500 nova-compute STOPPED', '5500 restarting STOPPED']);
    second.stop();
    systemd.start('nova-compute');
    begin();
    await clock.advance(60_000);
    expect(told.at(-1)).toBe('75000 nova-compute STARTED');
  });

  it('tells once more, and says so, when what it remembered is damaged', async () => {
    disk = '{"version":1,"processes":[{"name":"nova-compute"';
    systemd.kill('nova-compute');
    begin();
    await clock.advance(1_000);
    expect(told).toEqual(['500 nova-compute STOPPED']);
    expect(logger.lines.join()).toContain('what is down is reported once more');
  });

  it('warns when one that it reported is not watched any more', async () => {
    const first = begin();
    systemd.kill('nova-compute');
    await clock.advance(1_000);
    first.stop();
    begin({ units: ['restarting'] });
    expect(logger.lines.join()).toContain('nova-compute was reported as failed and is not watched any more');
  });

  it('tells again what could not be put down', async () => {
    begin();
    spool = 'refuses';
    systemd.kill('nova-compute');
    await clock.advance(7_000);
    expect(logger.lines.join()).toContain('no space left on device');
    spool = 'takes';
    await clock.advance(5_000);
    expect(told).toEqual(['10500 nova-compute STOPPED']);
  });

  it('restarts what has failed, as often as it may, remembers how often, and says when it gives up', async () => {
    const restarts = { attempts: 2, firstMs: 5_000, windowMs: 600_000 };
    const first = begin({ restarts });
    systemd.kill('nova-compute');
    await clock.advance(6_000);
    expect(systemd.unit('nova-compute').isRunning).toBe(true);
    systemd.kill('nova-compute');
    await clock.advance(500);
    first.stop();
    begin({ restarts });
    await clock.advance(15_000);
    expect(systemd.unit('nova-compute').isRunning).toBe(true);
    systemd.kill('nova-compute');
    await clock.advance(100_000);
    expect(systemd.unit('nova-compute').isRunning).toBe(false);
    expect(told).toEqual(['500 nova-compute STOPPED']);
    const givenUp = logger.lines.filter((line) => line.includes('does not last'));
    expect(givenUp).toHaveLength(1);
  });

  it('tells nothing after it was stopped, and leaves no timer behind', async () => {
    const watch = begin();
    await clock.advance(1_000);
    systemd.kill('nova-compute');
    await clock.advance(100);
    watch.stop();
    await clock.advance(60_000);
    expect(told).toEqual([]);
    expect(clock.scheduled).toBe(0);
  });
});
