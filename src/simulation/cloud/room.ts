import type { Guest, Host, World } from './world.ts';

/** What is taken on a host, by what runs there and by what is on its way to it. */
export interface Taken {
  vcpus: number;
  memoryMb: number;
}

const UNDER_WAY: readonly string[] = ['accepted', 'pre-migrating', 'migrating'];

/** By host. `but`: the instance that is looking for a place itself. */
export function takenByHost(world: World, but?: Guest): ReadonlyMap<string, Taken> {
  const taken = new Map<string, Taken>();
  const take = (host: string, guest: Guest): void => {
    const sum = taken.get(host) ?? { vcpus: 0, memoryMb: 0 };
    sum.vcpus += guest.vcpus;
    sum.memoryMb += guest.memoryMb;
    taken.set(host, sum);
  };
  for (const guest of world.guests.values()) if (guest.host !== null && guest !== but) take(guest.host, guest);
  for (const { instanceId, status, targetHost } of world.migrations) {
    const guest = world.guests.get(instanceId);
    const isUnderWay = UNDER_WAY.includes(status) && targetHost !== null && guest?.host !== targetHost;
    if (isUnderWay && guest !== undefined && guest !== but) take(targetHost, guest);
  }
  return taken;
}

export function fits(host: Host, taken: Taken | undefined, guest: Guest): boolean {
  const { vcpus, memoryMb } = taken ?? { vcpus: 0, memoryMb: 0 };
  return vcpus + guest.vcpus <= host.vcpus && memoryMb + guest.memoryMb <= host.memoryMb;
}

/** An anti-affinity group keeps the guest from a host with another member, or one on its way there. */
export function isKeptApart(world: World, guest: Guest, host: Host): boolean {
  return world.groups
    .filter(({ policy, members }) => policy === 'anti-affinity' && members.includes(guest.id))
    .some(({ members }) => {
      const onHost = members.filter((id) => id !== guest.id && isOrWillBeOn(world, id, host.name));
      return onHost.length > 0;
    });
}

function isOrWillBeOn(world: World, id: string, host: string): boolean {
  if (world.guests.get(id)?.host === host) return true;
  return world.migrations.some(
    ({ instanceId, status, targetHost }) => instanceId === id && targetHost === host && UNDER_WAY.includes(status),
  );
}
