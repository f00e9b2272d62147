import type { Hold } from '../../../../src/bridge/verdict.ts';
import { Background } from '../../../../src/engine/background.ts';
import { ProcessFailures } from '../../../../src/engine/processes/process-failures.ts';
import { USUAL_PROCESS_LIMITS, type ProcessLimits } from '../../../../src/engine/processes/process-limits.ts';
import type { Notice } from '../../../../src/engine/registry/notice.ts';
import { Notices } from '../../../../src/engine/registry/notices.ts';
import { Services } from '../../../../src/engine/services.ts';
import { memoryDisk, memoryStore } from '../../../../src/engine/store/memory-store.ts';
import type { Store } from '../../../../src/engine/store/store.ts';
import type { Cloud } from '../../../../src/openstack/cloud.ts';
import { directCloud } from '../../../../src/simulation/cloud/direct-cloud.ts';
import { createFaultBook } from '../../../../src/simulation/cloud/faults.ts';
import { DEFAULT_OPTIONS } from '../../../../src/simulation/cloud/options.ts';
import { addHost, createWorld, requireHost, type Host, type World } from '../../../../src/simulation/cloud/world.ts';
import { virtualTime, type VirtualTime } from '../../../../src/simulation/time.ts';
import { recordingLogger, type RecordingLogger } from '../../../support/recording-logger.ts';

export interface ProcessBench {
  readonly world: World;
  readonly time: VirtualTime;
  readonly cloud: Cloud;
  readonly store: Store;
  readonly logger: RecordingLogger;
  /** Changes of services that reached Nova, and how long the longest of them held its worker. */
  readonly puts: { readonly host: string; readonly status: string }[];
  readonly longestPutMs: () => number;
  readonly host: (name: string) => Host;
  /** What the engine says of hosts. */
  hold: Hold | undefined;
  left: Hold | undefined;
  keptOut: boolean;
  start: (options?: StartOptions) => Promise<Desk>;
  /** The notice as it is on disk. */
  readonly read: (uuid: string) => Promise<Notice>;
  readonly passMs: (ms: number) => Promise<void>;
}

export interface StartOptions {
  readonly cloud?: Cloud;
  readonly store?: Store;
  readonly limits?: Partial<ProcessLimits>;
}

/** One engine's part. */
export interface Desk {
  readonly failures: ProcessFailures;
  readonly report: (event: 'STOPPED' | 'STARTED', process?: string, host?: string) => Promise<string>;
  readonly stop: () => void;
}

/** Compute hosts cmp1 and cmp2 of an emulated Nova, under virtual time; the cluster is looked at each 10 s. */
export async function processBench(): Promise<ProcessBench> {
  const time = virtualTime(1_780_000_000_000);
  let count = 0;
  const randomness = {
    next: () => 0.5,
    uuid: () => `00000000-0000-4000-8000-${String((count += 1)).padStart(12, '0')}`,
  };
  const world = createWorld(time, randomness, DEFAULT_OPTIONS, createFaultBook());
  for (const name of ['cmp1', 'cmp2']) addHost(world, { name });
  const plain = directCloud({ world, latencyMs: () => 20, requestTimeoutMs: 90_000, deliver: (task) => task() });
  const puts: { readonly host: string; readonly status: string }[] = [];
  let longestMs = 0;
  const watched = async <T>(id: string, status: string, put: () => Promise<T>): Promise<T> => {
    const host = [...world.hosts.values()].find(({ serviceId }) => serviceId === id)?.name ?? '';
    puts.push({ host, status });
    const sinceMs = time.monotonic();
    try {
      return await put();
    } finally {
      longestMs = Math.max(longestMs, time.monotonic() - sinceMs);
    }
  };
  const cloud: Cloud = {
    ...plain,
    disableService: (id, reason, signal) => watched(id, 'disabled', () => plain.disableService(id, reason, signal)),
    enableService: (id, signal) => watched(id, 'enabled', () => plain.enableService(id, signal)),
  };
  const logger = recordingLogger();
  const store = memoryStore(memoryDisk(), { now: () => time.now() });
  await store.takeLease({ holder: 'ctl1 test', durationMs: 864_000_000 });

  const bench: ProcessBench = {
    ...{ world, time, cloud, store, logger, puts },
    longestPutMs: () => longestMs,
    host: (name) => requireHost(world, name),
    hold: undefined,
    left: undefined,
    keptOut: false,
    read: async (uuid) => {
      const [notice] = await store.listNotices({
        where: [{ column: 'uuid', is: 'in', value: [uuid] }],
        order: [{ column: 'number', direction: 'asc' }],
      });
      if (notice === undefined) throw new Error(`no notice ${uuid}`);
      return notice;
    },
    passMs: (ms) => time.run(time.monotonic() + ms),
    async start({ cloud: useCloud = cloud, limits = {}, store: useStore = store } = {}) {
      const background = new Background(logger);
      const notices = new Notices({ store: useStore, logger });
      const services = new Services(useCloud, time, logger, () => undefined);
      const failures = new ProcessFailures({
        ...{ cloud: useCloud, services, clock: time, logger, notices, background },
        limits: { ...USUAL_PROCESS_LIMITS, ...limits },
        holdOn: () => bench.hold,
        leftAlone: () => bench.left,
        isKeptOut: () => bench.keptOut,
      });
      const look = (): void => {
        if (background.signal.aborted) return;
        background.run('the services', () => services.refresh(30_000));
        failures.settle();
        time.schedule(10_000, look);
      };
      background.run('the beginning', async () => {
        await failures.load();
        look();
      });
      await time.run(time.monotonic() + 100);
      return {
        failures,
        stop: () => background.stop(new Error('stopped')),
        report: async (event, process = 'nova-compute', host = 'cmp1') => {
          const uuid = randomness.uuid();
          const notice = await store.addNotice({
            ...{ uuid, origin: 'report', type: 'PROCESS', host, sourceHostUuid: host, segmentUuid: undefined },
            payload: { event, process_name: process },
            ...{ generatedAtMs: time.now(), status: 'new', message: undefined, recoveryId: undefined, work: undefined },
          });
          notices.tell(notice);
          return uuid;
        },
      };
    },
  };
  return bench;
}
