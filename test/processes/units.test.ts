import { setTimeout } from 'node:timers/promises';
import { openBus } from '../../src/compute/dbus/open-bus.ts';
import { systemClock } from '../../src/edge/clock.ts';
import { systemRandomness } from '../../src/edge/randomness.ts';
import { eventually } from '../support/eventually.ts';
import { recordingLogger } from '../support/recording-logger.ts';
import type { UnitStage } from './contract/unit-stage.ts';
import { unitsContract } from './contract/units.ts';
import { startSystemd } from './lab/systemd.ts';

unitsContract('a real systemd', startRealStage);

async function startRealStage(): Promise<UnitStage> {
  const lab = await startSystemd();
  const ports = { clock: systemClock, randomness: systemRandomness, logger: recordingLogger() };
  const bus = openBus({ ...ports, socketPath: lab.busSocket });
  return {
    bus,
    clock: systemClock,
    start: async (...units) => {
      await lab.systemctl('start', '--no-block', ...units);
    },
    stop: async (unit) => {
      await lab.systemctl('stop', unit);
    },
    kill: (unit) => lab.kill(unit),
    reload: async () => {
      await lab.systemctl('daemon-reload');
    },
    reexecute: async () => {
      await lab.systemctl('daemon-reexec');
      // It is away from the bus for a moment, and does not say when it is back.
      await setTimeout(200);
    },
    killBus: async () => {
      await lab.systemctl('kill', '--signal=KILL', 'dbus.service');
      await eventually('the bus was seen to go', () => bus.state().kind === 'away');
    },
    until: async (what, holds) => {
      await eventually(what, holds, { withinMs: 10_000, everyMs: 5 });
    },
    down: async () => {
      bus.stop();
      await lab.down();
    },
  };
}
