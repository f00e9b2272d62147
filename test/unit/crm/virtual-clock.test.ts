import { describe, expect, it } from 'vitest';
import { sleep } from '../../../src/ports.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

describe('virtualClock', () => {
  it('runs tasks in order of due time, in order of scheduling when equal, each at its time', async () => {
    const clock = virtualClock({ nowMs: 1000 });
    const ran: string[] = [];
    const at = (delayMs: number, name: string): (() => void) =>
      clock.schedule(delayMs, () => ran.push(`${name} ${clock.now()}`));
    at(30, 'c');
    at(10, 'a');
    at(10, 'b');
    at(20, 'cancelled')();
    at(40, 'later');
    await clock.advance(30);
    expect(ran).toEqual(['a 1010', 'b 1010', 'c 1030']);
    expect([clock.now(), clock.monotonic(), clock.scheduled]).toEqual([1030, 30, 1]);
  });

  it('lets promises settle between tasks, so that what they schedule runs in the same advance', async () => {
    const clock = virtualClock();
    let laps = 0;
    const run = async (): Promise<void> => {
      for (; laps < 5; laps++) await sleep(clock, 10);
    };
    void run();
    await clock.advance(49);
    expect(laps).toBe(4);
    await clock.advance(1);
    expect(laps).toBe(5);
  });

  it('jumps in wall time only', async () => {
    const clock = virtualClock({ nowMs: 0 });
    let ran = false;
    clock.schedule(10, () => (ran = true));
    clock.jump(-5000);
    expect([clock.now(), clock.monotonic()]).toEqual([-5000, 0]);
    await clock.advance(10);
    expect([ran, clock.now()]).toEqual([true, -4990]);
  });

  it('does not go backwards', async () => {
    await expect(virtualClock().advance(-1)).rejects.toThrow(RangeError);
  });
});
