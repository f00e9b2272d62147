import type { ServerGroup } from '../../openstack/inventory.ts';

/**
 * The hard rules of server groups while a plan is made: members of an anti-affinity group that are placed count on their
 * new host. Nova keeps these rules by itself; here they tell whether it will find a host at all.
 */
export class Separations {
  readonly #groupsOf = new Map<string, ServerGroup[]>();
  readonly #hostOf: (instanceId: string) => string | undefined;
  readonly #placed = new Map<string, string>();
  readonly #deadHost: string;

  /** `hostOf`: where a member is now; undefined when that is not known, and then it is in nobody's way. */
  constructor(groups: readonly ServerGroup[], deadHost: string, hostOf: (instanceId: string) => string | undefined) {
    this.#deadHost = deadHost;
    this.#hostOf = hostOf;
    for (const group of groups) {
      if (group.policy !== 'anti-affinity' && group.policy !== 'affinity') continue;
      for (const member of group.members) {
        this.#groupsOf.set(member, [...(this.#groupsOf.get(member) ?? []), group]);
      }
    }
  }

  place(instanceId: string, host: string): void {
    this.#placed.set(instanceId, host);
  }

  mayGo(instanceId: string, host: string): boolean {
    return (this.#groupsOf.get(instanceId) ?? []).every((group) => {
      if (group.policy !== 'anti-affinity') return true;
      const there = group.members.filter((member) => member !== instanceId && this.#where(member) === host);
      return there.length < group.maxPerHost;
    });
  }

  /**
   * Nova wants the members of an affinity group on one host, and while one of them is on the dead one it finds none for
   * the others (seen: always No valid host).
   */
  isBoundToDeadHost(instanceId: string): boolean {
    return (this.#groupsOf.get(instanceId) ?? []).some(
      ({ policy, members }) =>
        policy === 'affinity' &&
        members.some((member) => member !== instanceId && this.#hostOf(member) === this.#deadHost),
    );
  }

  #where(member: string): string | undefined {
    const placed = this.#placed.get(member);
    if (placed !== undefined) return placed;
    const host = this.#hostOf(member);
    return host === this.#deadHost ? undefined : host;
  }
}
