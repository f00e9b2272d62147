import type { Hold, Verdict } from '../../../../src/bridge/verdict.ts';
import { LifeboatError } from '../../../../src/errors.ts';
import type { Recovery } from '../../../../src/engine/recovery.ts';
import { Claims } from '../../../../src/engine/registry/claims.ts';
import { engineRegistry } from '../../../../src/engine/registry/engine-registry.ts';
import { Notices } from '../../../../src/engine/registry/notices.ts';
import type {
  HostEntry,
  NewHost,
  NewNotification,
  NewSegment,
  Page,
  Registry,
  SegmentEntry,
} from '../../../../src/engine/registry/registry.ts';
import { declareSegments, type DeclaredSegment } from '../../../../src/engine/segments/declare.ts';
import { KnownSegments } from '../../../../src/engine/segments/known-segments.ts';
import { memoryDisk, memoryStore, type MemoryDisk } from '../../../../src/engine/store/memory-store.ts';
import type { Store } from '../../../../src/engine/store/store.ts';
import { recordingLogger, type RecordingLogger } from '../../../support/recording-logger.ts';

export const ALL: Page = { limit: 1_000, marker: undefined, sort: [] };
export const OLDEST_FIRST: Page = { ...ALL, sort: [{ key: 'id', direction: 'asc' }] };
export const T0 = 1_780_000_000_000;

export interface RegistryBench {
  readonly registry: Registry;
  readonly store: Store;
  readonly disk: MemoryDisk;
  readonly known: KnownSegments;
  readonly claims: Claims;
  readonly notices: Notices;
  readonly logger: RecordingLogger;
  /** What the bridge says of the hosts. */
  verdicts: readonly Verdict[];
  recoveries: readonly Recovery[];
  /** Nova’s nova-compute services; undefined: it does not answer. */
  computes: readonly string[] | undefined;
  /** Throws when it may not. */
  mayWrite: () => void;
  /** How often a report asked to look at the cluster. */
  looks: number;
  readonly pass: (ms: number) => void;
}

export interface BenchOptions {
  readonly disk?: MemoryDisk;
  readonly declared?: readonly DeclaredSegment[];
  /** Instead of the plain one over the disk. */
  readonly wrap?: (store: Store) => Store;
}

/** The registry over a store in memory, with a cluster and a Nova that the test writes down. */
export async function registryBench({
  declared = [],
  disk = memoryDisk(),
  wrap,
}: BenchOptions = {}): Promise<RegistryBench> {
  let now = T0;
  let count = disk.stamps.size + disk.notices.size + disk.recoveries.size;
  const randomness = {
    next: () => 0.5,
    uuid: () => `00000000-0000-4000-8000-${String((count += 1)).padStart(12, '0')}`,
  };
  const clock = { now: () => now, monotonic: () => now, schedule: () => () => undefined };
  const logger = recordingLogger();
  const plain = memoryStore(disk, { now: () => now });
  await plain.takeLease({ holder: 'ctl1 test', durationMs: 86_400_000 });
  const store = wrap?.(plain) ?? plain;
  const known = new KnownSegments(store);
  const notices = new Notices({ store, logger });
  const leftAlone = (host: string): Hold | undefined => known.current.leftAlone(host);
  const claims = new Claims({
    store,
    notices,
    clock,
    logger,
    patienceMs: 600_000,
    recoveries: () => bench.recoveries,
    verdicts: () => bench.verdicts,
    leftAlone,
  });
  const computes = (): readonly string[] => {
    if (bench.computes === undefined) throw new LifeboatError('CLOUD_UNREACHABLE', 'Nova does not answer');
    return bench.computes;
  };
  const registry = engineRegistry({
    store,
    randomness,
    known,
    notices,
    claims,
    duplicateIntervalMs: 180_000,
    onClaim: () => (bench.looks += 1),
    implicitHosts: () => computes(),
    isComputeHost: async (name) => computes().includes(name),
    mayRead: () => undefined,
    mayWrite: () => {
      bench.mayWrite();
    },
  });
  const bench: RegistryBench = {
    registry,
    store,
    disk,
    known,
    claims,
    notices,
    logger,
    verdicts: [],
    recoveries: [],
    computes: ['cmp1', 'cmp2', 'cmp3'],
    mayWrite: () => undefined,
    looks: 0,
    pass: (ms) => {
      now += ms;
    },
  };
  known.take(await declareSegments(declared, { logger, randomness, store: plain }));
  await claims.load();
  return bench;
}

export function segmentOf(name: string, more: Partial<NewSegment> = {}): NewSegment {
  return { name, serviceType: 'compute', recoveryMethod: 'auto', description: undefined, enabled: true, ...more };
}

export function hostOf(name: string, more: Partial<NewHost> = {}): NewHost {
  return { name, type: 'COMPUTE', controlAttributes: 'SSH', reserved: false, onMaintenance: false, ...more };
}

/** A segment with these hosts. */
export async function withSegment(
  { registry }: RegistryBench,
  name: string,
  hosts: readonly string[],
): Promise<{ readonly segment: SegmentEntry; readonly hosts: readonly HostEntry[] }> {
  const segment = await registry.addSegment(segmentOf(name));
  const added: HostEntry[] = [];
  for (const host of hosts) added.push(await registry.addHost(segment.uuid, hostOf(host)));
  return { segment, hosts: added };
}

export const DOWN = { event: 'STOPPED', host_status: 'NORMAL', cluster_status: 'OFFLINE' };

export function reportOf(hostname: string, more: Partial<NewNotification> = {}): NewNotification {
  return { type: 'COMPUTE_HOST', hostname, generatedAtMs: T0, payload: DOWN, ...more };
}

export function vmReport(hostname: string, instance = 'i-1', generatedAtMs = T0): NewNotification {
  const payload = { instance_uuid: instance, vir_domain_event: 'STOPPED_FAILED', event: 'LIFECYCLE' };
  return { type: 'VM', hostname, generatedAtMs, payload };
}
