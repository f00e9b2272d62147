import type { Hold } from '../../bridge/verdict.ts';
import { RECOVERY_METHODS, type Segment, type SegmentHost } from './segment.ts';
import type { Way } from './way.ts';

/** Which host belongs where. A host of no segment is in one that has no name: every failure is answered, by `auto`. */
export class Segments {
  readonly #byHost: ReadonlyMap<string, { readonly segment: Segment; readonly host: SegmentHost }>;

  constructor(segments: readonly Segment[]) {
    this.#byHost = new Map(
      segments.flatMap((segment) => segment.hosts.map((host) => [fold(host.name), { segment, host }] as const)),
    );
  }

  of(host: string): Segment | undefined {
    return this.find(host)?.segment;
  }

  /** As Nova compares names. */
  find(host: string): { readonly segment: Segment; readonly host: SegmentHost } | undefined {
    return this.#byHost.get(fold(host));
  }

  waysOf(host: string): readonly Way[] {
    const segment = this.of(host);
    return RECOVERY_METHODS[segment?.recoveryMethod ?? 'auto'];
  }

  /** Hosts that may be taken when `host` fails, in the order in which they are. */
  reservedFor(host: string): readonly string[] {
    const hosts = this.of(host)?.hosts ?? [];
    return hosts
      .filter(({ name, onMaintenance, reserved }) => reserved && !onMaintenance && fold(name) !== fold(host))
      .map(({ name }) => name);
  }

  get reserved(): readonly string[] {
    return [...this.#byHost.values()].filter(({ host }) => host.reserved).map(({ host }) => host.name);
  }

  /** Why recoveries of the segment do not go on, if so. */
  disabledOf(host: string): Hold | undefined {
    const segment = this.of(host);
    if (segment?.enabled !== false) return undefined;
    return {
      kind: 'segment-disabled',
      reason: `${host} is in the segment ${segment.name}, which is disabled`,
      remedy: `if its instances are to be moved: ${enabling(segment)}`,
    };
  }

  /** Why a failure of the host is none of ours, if so (S8). */
  leftAlone(host: string): Hold | undefined {
    const found = this.find(host);
    if (found?.host.onMaintenance !== true) return this.disabledOf(host);
    return {
      kind: 'host-on-maintenance',
      reason: `${host} is on maintenance in the segment ${found.segment.name}`,
      remedy: `if its instances are to be moved: ${backToWork(found.segment, host)}`,
    };
  }
}

/** The command or the change that ends it; the file wins over commands. */
export function enabling({ declared, name }: Pick<Segment, 'declared' | 'name'>): string {
  return declared
    ? `enable the segment ${name} in lifeboat.yaml and restart the engine`
    : `openstack segment update ${name} --is_enabled True`;
}

function backToWork({ declared, name }: Segment, host: string): string {
  return declared
    ? `take on_maintenance from ${host} in lifeboat.yaml and restart the engine`
    : `openstack segment host update ${name} ${host} --on_maintenance False`;
}

/** Nova's database compares host names without regard to case. */
function fold(name: string): string {
  return name.toLowerCase();
}
