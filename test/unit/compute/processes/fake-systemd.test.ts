import type { UnitStage } from '../../../processes/contract/unit-stage.ts';
import { unitsContract } from '../../../processes/contract/units.ts';
import { FakeSystemd } from '../../../processes/fake/fake-systemd.ts';
import { virtualClock } from '../../../support/virtual-clock.ts';

unitsContract('the fake systemd', async () => startFakeStage());

function startFakeStage(): UnitStage {
  const clock = virtualClock();
  const systemd = new FakeSystemd(clock);
  return {
    bus: systemd,
    clock,
    start: async (...units) => units.forEach((unit) => systemd.start(unit)),
    stop: async (unit) => systemd.stopUnit(unit),
    kill: async (unit) => systemd.kill(unit),
    reload: async () => systemd.reload(),
    reexecute: async () => systemd.reexecute(),
    killBus: async () => systemd.loseBus(),
    until: async (what, holds) => {
      for (let waitedMs = 0; waitedMs < 10_000; waitedMs += 5) {
        if (await holds()) return;
        await clock.advance(5);
      }
      throw new Error(`not within 10 s: ${what}`);
    },
    down: async () => {},
  };
}
