import type { ClusterWorld } from './cluster-world.ts';
import { machineOf } from './cluster-world.ts';
import type { BmcMode, Machine } from './machine.ts';

/** What is done to the machines themselves. What the cluster makes of it comes later. */
export interface PowerHooks {
  /** The machine's daemon is gone, or nobody hears it any more. */
  lost(machine: Machine, how: 'silent' | 'reset'): void;
  back(machine: Machine): void;
}

export function cutPower(world: ClusterWorld, machine: Machine): void {
  if (machine.power === 'off') return;
  machine.power = 'off';
  machine.daemon = 'gone';
  machine.life += 1;
  world.events.powerLost(machine);
  world.power.lost(machine, 'silent');
}

export function switchOn(world: ClusterWorld, machine: Machine): void {
  if (machine.power !== 'off') return;
  machine.power = 'booting';
  machine.life += 1;
  const { life } = machine;
  world.time.schedule(machine.bootMs, () => {
    if (machine.life !== life) return;
    machine.power = 'on';
    machine.daemon = 'running';
    world.events.booted(machine);
    world.power.back(machine);
  });
}

export type BmcAnswer = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly reason: string | undefined };

/** Asks the BMC of a machine. `answer` comes once; what the BMC does may come later, or never. */
export function askBmc(
  world: ClusterWorld,
  target: string,
  action: 'reboot' | 'off',
  answer: (given: BmcAnswer) => void,
): void {
  const { time, timings } = world;
  const machine = machineOf(world, target);
  const carryOut = (): void => {
    cutPower(world, machine);
    if (action === 'reboot' && machine.bmc.kind !== 'norestart') switchOn(world, machine);
  };
  const mode = machine.bmc;
  const timeOut = (): void => {
    const seconds = Math.round(timings.fenceTimeoutMs / 1000);
    time.schedule(timings.fenceTimeoutMs, () => {
      answer({ kind: 'failed', reason: `Fence agent did not complete within ${seconds}s` });
    });
  };
  switch (mode.kind) {
    case 'ok':
    case 'norestart':
      after(timings.fenceMs, carryOut, { kind: 'done' });
      break;
    case 'lie':
      after(timings.fenceMs, () => undefined, { kind: 'done' });
      break;
    case 'fail':
      after(timings.fenceMs, () => undefined, { kind: 'failed', reason: undefined });
      break;
    case 'partial':
      after(
        timings.fenceMs,
        () => {
          cutPower(world, machine);
        },
        { kind: 'failed', reason: undefined },
      );
      break;
    case 'slow':
      if (mode.ms < timings.fenceTimeoutMs) {
        after(mode.ms, carryOut, { kind: 'done' });
        break;
      }
      timeOut();
      time.schedule(mode.ms, carryOut);
      break;
    case 'late':
      timeOut();
      time.schedule(mode.ms, carryOut);
      break;
    case 'hang':
      timeOut();
      machine.kept.push(carryOut);
      break;
  }

  function after(ms: number, act: () => void, given: BmcAnswer): void {
    time.schedule(ms, () => {
      act();
      answer(given);
    });
  }
}

/** What the BMC kept while it hung is carried out once, as by one with a queue. */
export function setBmcMode(machine: Machine, mode: BmcMode): void {
  machine.bmc = mode;
  if (mode.kind === 'hang') return;
  const [first] = machine.kept.splice(0);
  first?.();
}
