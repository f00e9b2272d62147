import type { Randomness } from '../../ports.ts';
import type { KnownSegments } from '../segments/known-segments.ts';
import type { Segment, SegmentHost } from '../segments/segment.ts';
import type { StoredHost } from '../store/registry-store.ts';
import { queryRows } from '../store/row-query.ts';
import type { Store } from '../store/store.ts';
import { IMPLICIT_SEGMENT, IMPLICIT_SEGMENT_UUID, implicitHost } from './implicit-segment.ts';
import { hostColumns, segmentColumns } from './entry-columns.ts';
import { equal, HOST_KEYS, listQuery, SEGMENT_KEYS } from './list-query.ts';
import { UNFINISHED } from './notice.ts';
import { conflict, noHost, noSegment, refused } from './refusals.ts';
import type {
  HostEntry,
  HostQuery,
  Imported,
  ImportedSegment,
  NewHost,
  NewSegment,
  SegmentEntry,
  SegmentQuery,
} from './registry.ts';

export interface SegmentRegistryPorts {
  readonly store: Store;
  readonly randomness: Randomness;
  readonly known: KnownSegments;
  /** Of the implicit segment: nodes that are compute hosts of Nova. Throws NOT_ALLOWED while nobody knows. */
  readonly implicitHosts: () => readonly string[];
  /** Whether Nova has a nova-compute of exactly that name. Throws what Nova answers. */
  readonly isComputeHost: (name: string) => Promise<boolean>;
}

export interface Registered {
  readonly host: Pick<SegmentHost, 'uuid' | 'name' | 'onMaintenance'>;
  readonly segment: Pick<Segment, 'uuid' | 'name' | 'enabled' | 'declared'>;
}

/** Segments and their hosts as Masakari's API has them. One change at a time: whoever calls sees to that. */
export class SegmentRegistry {
  readonly #ports: SegmentRegistryPorts;

  constructor(ports: SegmentRegistryPorts) {
    this.#ports = ports;
  }

  /** With the first segment that somebody makes the implicit one is gone. */
  get isImplicit(): boolean {
    return this.#ports.known.all.length === 0;
  }

  async segments(query: SegmentQuery): Promise<readonly SegmentEntry[]> {
    const rows = listQuery(SEGMENT_KEYS, query, [
      equal('recovery_method', query.recoveryMethod),
      equal('service_type', query.serviceType),
      equal('enabled', query.enabled),
    ]);
    if (!this.isImplicit) return this.#ports.store.listSegments(rows);
    return queryRows([segmentColumns(IMPLICIT_SEGMENT)], rows).map(({ entry }) => entry);
  }

  async segment(uuid: string): Promise<SegmentEntry> {
    if (this.isImplicit && uuid === IMPLICIT_SEGMENT_UUID) return IMPLICIT_SEGMENT;
    const [found] = await this.#ports.store.listSegments({
      where: [{ column: 'uuid', is: '=', value: uuid }],
      order: [{ column: 'number', direction: 'asc' }],
    });
    if (found === undefined) throw noSegment(uuid);
    return found;
  }

  async addSegment(segment: NewSegment): Promise<SegmentEntry> {
    const { known, randomness, store } = this.#ports;
    this.#checkName(segment.name);
    const uuid = randomness.uuid();
    await known.change(() => store.addSegment({ ...segment, uuid, declared: false }));
    return this.segment(uuid);
  }

  async updateSegment(uuid: string, changes: Partial<NewSegment>): Promise<SegmentEntry> {
    const { known, store } = this.#ports;
    const { hosts, ...segment } = this.#changeable(uuid);
    const isOnlyEnabled = changes.enabled === true && Object.keys(changes).length === 1;
    // What waits for the segment to be enabled would keep it from being enabled.
    if (!(isOnlyEnabled && !segment.enabled) && (await this.#isInUse(hosts)))
      throw conflict(`Failover segment ${uuid} can't be updated as it is in-use to process notifications.`);
    if (changes.name !== undefined && changes.name !== segment.name) this.#checkName(changes.name);
    await known.change(() => store.saveSegment({ ...segment, ...given(changes) }));
    return this.segment(uuid);
  }

  async removeSegment(uuid: string): Promise<void> {
    const { known, store } = this.#ports;
    const { hosts } = this.#changeable(uuid);
    if (await this.#isInUse(hosts))
      throw conflict(`Failover segment (${uuid}) can't be deleted as it is in-use to process notifications.`);
    await known.change(() => store.removeSegment(uuid));
  }

  async importSegment({ hosts, ...segment }: ImportedSegment): Promise<Imported> {
    const { known, store } = this.#ports;
    const there = known.all.find(({ uuid }) => uuid === segment.uuid);
    if (there === undefined) this.#checkName(segment.name);
    const missing = hosts.filter((host) => there?.hosts.every(({ uuid }) => uuid !== host.uuid) ?? true);
    for (const { name } of missing) {
      if (known.current.find(name) !== undefined) throw conflict(`Host with name ${name} already exists.`);
    }
    const added = there === undefined ? [{ ...segment, declared: false }] : [];
    const moved = {
      segments: added,
      hosts: missing.map((host) => ({ ...host, segmentUuid: segment.uuid })),
      notices: [],
    };
    if (added.length + missing.length > 0) await known.change(() => store.moveIn(moved));
    return { isNew: there === undefined, hosts: missing.length };
  }

  async hosts(segmentUuid: string, query: HostQuery): Promise<readonly HostEntry[]> {
    const segment = await this.segment(segmentUuid);
    const rows = listQuery(HOST_KEYS, query, [
      equal('segment_uuid', segmentUuid),
      equal('name', query.name),
      equal('type', query.type),
      equal('control_attributes', query.controlAttributes),
      equal('reserved', query.reserved),
      equal('on_maintenance', query.onMaintenance),
    ]);
    if (!this.isImplicit) return (await this.#ports.store.listHosts(rows)).map((host) => hostEntry(host, segment));
    const implicit = this.#ports.implicitHosts().map((name) => hostColumns(implicitHost(name)));
    return queryRows(implicit, rows).map(({ entry }) => entry);
  }

  async host(segmentUuid: string, uuid: string): Promise<HostEntry> {
    const segment = await this.segment(segmentUuid);
    const found = this.isImplicit ? this.#implicitHost(uuid) : await this.#storedHost(segment, uuid);
    if (found === undefined) throw noHost(uuid, segmentUuid);
    return found;
  }

  async addHost(segmentUuid: string, host: NewHost): Promise<HostEntry> {
    const { known, randomness, store } = this.#ports;
    this.#changeable(segmentUuid);
    await this.#checkHostName(host.name);
    const uuid = randomness.uuid();
    await known.change(() => store.addHost(segmentUuid, { ...host, uuid }));
    return this.host(segmentUuid, uuid);
  }

  async updateHost(segmentUuid: string, uuid: string, changes: Partial<NewHost>): Promise<HostEntry> {
    const { known, store } = this.#ports;
    const segment = this.#changeable(segmentUuid);
    const host = hostOf(segment, uuid);
    if (await this.#isInUse(segment.hosts))
      throw conflict(`Host ${uuid} can't be updated as it is in-use to process notifications.`);
    if (changes.name !== undefined) await this.#checkHostName(changes.name, uuid);
    await known.change(() => store.saveHost({ ...host, ...given(changes) }));
    return this.host(segmentUuid, uuid);
  }

  async removeHost(segmentUuid: string, uuid: string): Promise<void> {
    const { known, store } = this.#ports;
    const segment = this.#changeable(segmentUuid);
    hostOf(segment, uuid);
    if (await this.#isInUse(segment.hosts))
      throw conflict(`Host ${uuid} can't be deleted as it is in-use to process notifications.`);
    await known.change(() => store.removeHost(uuid));
  }

  /** Where a notification of the host belongs; Nova compares names of hosts without regard to case. */
  registered(name: string): Registered | undefined {
    if (this.isImplicit) {
      const found = this.#ports.implicitHosts().find((each) => each.toLowerCase() === name.toLowerCase());
      if (found === undefined) return undefined;
      return { host: implicitHost(found), segment: { ...IMPLICIT_SEGMENT, declared: false } };
    }
    return this.#ports.known.current.find(name);
  }

  #changeable(uuid: string): Segment {
    if (this.isImplicit && uuid === IMPLICIT_SEGMENT_UUID)
      throw conflict(
        `The segment ${IMPLICIT_SEGMENT.name} (${uuid}) stands for all compute hosts of the cluster as long as there is no other, and can't be changed. Create one, and it is gone: openstack segment create NAME auto compute`,
      );
    const segment = this.#ports.known.all.find((each) => each.uuid === uuid);
    if (segment === undefined) throw noSegment(uuid);
    if (segment.declared)
      throw conflict(
        `The segment ${segment.name} (${uuid}) is declared in lifeboat.yaml, which wins: change it there, under recovery.segments, on each controller, and restart the engine.`,
      );
    return segment;
  }

  #checkName(name: string): void {
    if (this.#ports.known.all.some((segment) => segment.name === name))
      throw conflict(`Failover segment with name ${name} already exists.`);
  }

  async #checkHostName(name: string, own?: string): Promise<void> {
    if (!(await this.#ports.isComputeHost(name)))
      throw refused(`Compute service with name ${name} could not be found.`);
    const other = this.#ports.known.current.find(name);
    if (other !== undefined && other.host.uuid !== own) throw conflict(`Host with name ${name} already exists.`);
  }

  async #isInUse(hosts: readonly SegmentHost[]): Promise<boolean> {
    const unfinished = await this.#ports.store.listNotices({
      where: [
        { column: 'source_host_uuid', is: 'in', value: hosts.map(({ uuid }) => uuid) },
        { column: 'status', is: 'in', value: UNFINISHED },
      ],
      order: [{ column: 'number', direction: 'asc' }],
      limit: 1,
    });
    return unfinished.length > 0;
  }

  #implicitHost(uuid: string): HostEntry | undefined {
    return this.#ports
      .implicitHosts()
      .map(implicitHost)
      .find((host) => host.uuid === uuid);
  }

  async #storedHost(segment: SegmentEntry, uuid: string): Promise<HostEntry | undefined> {
    const [host] = await this.#ports.store.listHosts({
      where: [
        { column: 'segment_uuid', is: '=', value: segment.uuid },
        { column: 'uuid', is: '=', value: uuid },
      ],
      order: [{ column: 'number', direction: 'asc' }],
    });
    return host && hostEntry(host, segment);
  }
}

function hostOf(segment: Segment, uuid: string): SegmentHost {
  const host = segment.hosts.find((each) => each.uuid === uuid);
  if (host === undefined) throw noHost(uuid, segment.uuid);
  return host;
}

/** A description may be taken away; nothing else can be empty. */
function given<T extends object>(changes: T): T {
  const told = Object.entries(changes).filter(([name, value]) => value !== undefined || name === 'description');
  return Object.fromEntries(told) as T;
}

function hostEntry(host: StoredHost, segment: SegmentEntry): HostEntry {
  const { controlAttributes, createdAtMs, id, name, onMaintenance, reserved, type, updatedAtMs, uuid } = host;
  return { id, uuid, name, type, controlAttributes, reserved, onMaintenance, segment, createdAtMs, updatedAtMs };
}
