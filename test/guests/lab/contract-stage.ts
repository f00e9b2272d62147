import { dialLibvirt } from '../../../src/compute/libvirt/dial.ts';
import type { Clock } from '../../../src/ports.ts';
import type { LibvirtStage } from '../contract.ts';
import { startComputeHost } from './compute-host.ts';
import { domainXml } from './domain-xml.ts';
import { ensureGuestImage } from './guest-image.ts';

export async function realStage(clock: Clock): Promise<LibvirtStage> {
  const image = await ensureGuestImage();
  const host = await startComputeHost();
  return {
    dial: dialLibvirt({ clock, folder: host.sockets, timeoutMs: 5_000 }),
    clock,
    define: async (name, uuid, agent, maker) => {
      await host.define(domainXml({ name, uuid, maker, ...(agent === 'in it' ? {} : { agent }) }, image));
    },
    start: async (name) => void (await host.virsh(['start', name])),
    kill: async (name) => void process.kill(host.qemuOf(name), 'SIGKILL'),
    destroy: async (name) => void (await host.virsh(['destroy', name])),
    crash: () => host.killLibvirt(),
    restart: () => host.startLibvirt(),
    freeze: () => host.freezeLibvirt(),
    thaw: () => host.resumeLibvirt(),
    dispose: () => host.remove(),
  };
}
