import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Observation } from '../../../src/compute/processes/observation.ts';
import { UnitSource } from '../../../src/compute/processes/unit-source.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import type { UnitStage } from './unit-stage.ts';

const UNITS = [
  'nova-compute',
  'bound',
  'broken',
  'flapping',
  'hanging',
  'idle',
  'lasting',
  'leaving',
  'masterless',
  'never-ready',
  'nothing-like-it',
  'restarting',
  'stubborn',
  'watched',
];

/** What must be true of systemd's units, as we read them, wherever they are. */
export function unitsContract(name: string, startStage: () => Promise<UnitStage>): void {
  describe(`units of ${name}`, () => {
    let stage: UnitStage;
    let source: UnitSource;
    let woken = 0;

    beforeEach(async () => {
      stage = await startStage();
      const units = UNITS.map((unit) => ({ name: unit, units: [`${unit}.service`], presence: 'possible' as const }));
      source = new UnitSource({ bus: stage.bus, logger: recordingLogger(), units, everyMs: 30_000, settleMs: 500 });
      source.onWake(() => (woken += 1));
      await stage.until('the bus answers', async () => (await observe('nova-compute')).kind !== 'unknown');
    });
    afterEach(() => stage.down());

    const observe = async (unit: string): Promise<Observation> => {
      const seen = (await source.look()).get(unit);
      if (seen === undefined) throw new Error(`${unit} was not looked at`);
      return seen;
    };
    const becomes = async (unit: string, kind: Observation['kind']): Promise<string> => {
      let seen: Observation | undefined;
      await stage
        .until(`${unit} is ${kind}`, async () => (seen = await observe(unit)).kind === kind)
        .catch((error) => {
          throw new Error(`${String(error)}; it is ${JSON.stringify(seen)}`);
        });
      return seen !== undefined && 'sentence' in seen ? seen.sentence : '';
    };
    const running = async (...units: readonly string[]): Promise<void> => {
      await stage.start(...units);
      for (const unit of units) await becomes(unit, 'runs');
    };

    it('are stopped when they were never started, and absent when there are none', async () => {
      expect((await observe('nova-compute')).kind).toBe('stopped');
      expect((await observe('nothing-like-it')).kind).toBe('absent');
    });

    it('have failed when their main process is killed, and a signal says so', async () => {
      await running('nova-compute');
      woken = 0;
      await stage.kill('nova-compute');
      await stage.until('a signal', async () => woken > 0);
      expect(await becomes('nova-compute', 'failed')).toBe(
        'nova-compute.service has ended by itself: killed by signal 9',
      );
    });

    it.each(['nova-compute', 'lasting', 'stubborn', 'hanging', 'masterless'])(
      'are stopped, and have not failed, on an order to stop %s',
      async (unit) => {
        await running(unit);
        await stage.stop(unit);
        expect((await observe(unit)).kind).toBe('stopped');
      },
    );

    it('are between while systemd restarts them, and run again then', async () => {
      await running('restarting');
      await stage.kill('restarting');
      expect(await becomes('restarting', 'between')).toBe('systemd restarts restarting.service');
      await becomes('restarting', 'runs');
    });

    it('have failed when systemd has restarted them often enough', async () => {
      await running('restarting');
      for (let time = 1; time <= 2; time += 1) {
        await stage.kill('restarting');
        await becomes('restarting', 'between');
        await becomes('restarting', 'runs');
      }
      await stage.kill('restarting');
      expect(await becomes('restarting', 'failed')).toMatch(/killed by signal 9|too often/);
    });

    it('are stopped on an order while systemd waits to restart them', async () => {
      await running('restarting');
      await stage.kill('restarting');
      await becomes('restarting', 'between');
      await stage.stop('restarting');
      expect((await observe('restarting')).kind).toBe('stopped');
    });

    it('have failed when they end by themselves, though without an error', async () => {
      await running('leaving');
      expect(await becomes('leaving', 'failed')).toContain('has ended by itself');
    });

    it('are stopped when they end by themselves and a socket will start them again', async () => {
      await stage.start('idle.socket');
      await running('idle');
      expect(await becomes('idle', 'stopped')).toBe('idle.service is idle, and idle.socket will start it');
    });

    it('have failed when they went with one that has failed, and are stopped when it was stopped', async () => {
      await running('nova-compute', 'bound');
      await stage.kill('nova-compute');
      expect(await becomes('bound', 'failed')).toBe(
        'bound.service was stopped because nova-compute.service has failed',
      );
      await running('nova-compute', 'bound');
      await stage.stop('nova-compute');
      await becomes('bound', 'stopped');
    });

    it('have failed without a main process that systemd knows, when nobody stopped them', async () => {
      await running('masterless');
      await stage.kill('masterless');
      expect(await becomes('masterless', 'failed')).toContain('no process of it is left');
    });

    it('are between as long as they start', async () => {
      await stage.start('never-ready');
      expect(await becomes('never-ready', 'between')).toBe('never-ready.service is starting (start)');
    });

    it('have failed when they do not answer their watchdog', async () => {
      await running('watched');
      expect(await becomes('watched', 'failed')).toContain('watchdog');
    });

    it('have failed when they do not start', async () => {
      await stage.start('broken');
      expect(await becomes('broken', 'failed')).toContain('exit status 1');
    });

    it('never rest while one comes and goes', async () => {
      await stage.start('flapping');
      await becomes('flapping', 'runs');
      await becomes('flapping', 'between');
      await becomes('flapping', 'runs');
    });

    it('run again after our order, also when systemd would not start them any more', async () => {
      await running('nova-compute');
      await stage.kill('nova-compute');
      await becomes('nova-compute', 'failed');
      await source.restart('nova-compute');
      await becomes('nova-compute', 'runs');
    });

    it.each([
      ['the bus was killed', (): Promise<void> => stage.killBus()],
      ['systemd has read its units anew', (): Promise<void> => stage.reload()],
      ['systemd was executed anew', (): Promise<void> => stage.reexecute()],
    ])('are known and heard of after %s', async (_what, happen) => {
      await running('nova-compute', 'leaving', 'stubborn');
      await stage.stop('stubborn');
      await happen();
      await becomes('nova-compute', 'runs');
      await becomes('stubborn', 'stopped');
      woken = 0;
      await stage.kill('nova-compute');
      await stage.until('a signal', async () => woken > 0);
      await becomes('nova-compute', 'failed');
    });
  });
}
