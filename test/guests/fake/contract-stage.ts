import type { Clock } from '../../../src/ports.ts';
import type { LibvirtStage } from '../contract.ts';
import { FakeLibvirtd } from './fake-libvirtd.ts';
import type { FakeGuest } from './fake-guest.ts';

export function fakeStage(clock: Clock): LibvirtStage {
  const libvirtd = new FakeLibvirtd(clock);
  const named = (name: string): FakeGuest => {
    const guest = [...libvirtd.guests.values()].find((each) => each.name === name);
    if (guest === undefined) throw new Error(`the fake has no guest ${name}`);
    return guest;
  };
  return {
    dial: libvirtd.dial,
    clock,
    define: async (name, uuid, agent, maker) => {
      libvirtd.define(name, uuid, { agent: agent === 'in it' ? 'answers' : agent, maker });
    },
    start: async (name) => libvirtd.start(named(name)),
    kill: async (name) => libvirtd.kill(named(name)),
    destroy: async (name) => libvirtd.stop(named(name), 1, 2),
    crash: async () => libvirtd.crash(),
    restart: async () => libvirtd.restart(),
    freeze: () => libvirtd.freeze(),
    thaw: () => libvirtd.thaw(),
    dispose: async () => libvirtd.crash(),
  };
}
