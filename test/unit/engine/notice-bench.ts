import { Background } from '../../../src/engine/background.ts';
import type { NewNotice, Notice } from '../../../src/engine/registry/notice.ts';
import { Notices } from '../../../src/engine/registry/notices.ts';
import { memoryDisk, memoryStore } from '../../../src/engine/store/memory-store.ts';
import type { Store } from '../../../src/engine/store/store.ts';
import type { Cloud } from '../../../src/openstack/cloud.ts';
import { directCloud } from '../../../src/simulation/cloud/direct-cloud.ts';
import { createFaultBook } from '../../../src/simulation/cloud/faults.ts';
import { DEFAULT_OPTIONS } from '../../../src/simulation/cloud/options.ts';
import { addHost, createWorld, type World } from '../../../src/simulation/cloud/world.ts';
import { virtualTime, type VirtualTime } from '../../../src/simulation/time.ts';
import { recordingLogger, type RecordingLogger } from '../../support/recording-logger.ts';

export interface NoticeBench {
  readonly world: World;
  readonly time: VirtualTime;
  readonly cloud: Cloud;
  readonly store: Store;
  readonly logger: RecordingLogger;
  /** The notice as it is on disk. */
  readonly read: (uuid: string) => Promise<Notice>;
  readonly passMs: (ms: number) => Promise<void>;
  readonly open: (store?: Store) => NoticeDesk;
}

/** One engine's book of notices, and what runs beside it. */
export interface NoticeDesk {
  readonly background: Background;
  readonly notices: Notices;
  /** Written down and told; answers its uuid. */
  readonly post: (notice: Pick<NewNotice, 'type' | 'host' | 'payload'> & Partial<NewNotice>) => Promise<string>;
  /** Loads, then settles with each look at the cluster, every 10 s. */
  readonly begin: (load: () => Promise<void>, settle: () => void) => Promise<void>;
  readonly stop: () => void;
}

/** Compute hosts cmp1 and cmp2 of an emulated Nova, and the notices of an engine, under virtual time. */
export async function noticeBench(): Promise<NoticeBench> {
  const time = virtualTime(1_780_000_000_000);
  let count = 0;
  const randomness = {
    next: () => 0.5,
    uuid: () => `00000000-0000-4000-8000-${String((count += 1)).padStart(12, '0')}`,
  };
  const world = createWorld(time, randomness, DEFAULT_OPTIONS, createFaultBook());
  for (const name of ['cmp1', 'cmp2']) addHost(world, { name });
  const cloud = directCloud({
    world,
    latencyMs: () => 20,
    requestTimeoutMs: 90_000,
    deliver: (task) => {
      task();
    },
  });
  const logger = recordingLogger();
  const store = memoryStore(memoryDisk(), { now: () => time.now() });
  await store.takeLease({ holder: 'ctl1 test', durationMs: 864_000_000 });
  return {
    ...{ world, time, cloud, store, logger },
    passMs: (ms) => time.run(time.monotonic() + ms),
    async read(uuid) {
      const [notice] = await store.listNotices({
        where: [{ column: 'uuid', is: '=', value: uuid }],
        order: [{ column: 'number', direction: 'asc' }],
      });
      if (notice === undefined) throw new Error(`no notice ${uuid}`);
      return notice;
    },
    open(useStore = store) {
      const background = new Background(logger);
      const notices = new Notices({ store: useStore, logger });
      return {
        background,
        notices,
        async post(given) {
          const uuid = randomness.uuid();
          const notice = await store.addNotice({
            ...{ uuid, origin: 'report', sourceHostUuid: given.host, segmentUuid: undefined, status: 'new' },
            ...{ generatedAtMs: time.now(), message: undefined, recoveryId: undefined, work: undefined },
            ...given,
          });
          notices.tell(notice);
          return uuid;
        },
        async begin(load, settle) {
          const look = (): void => {
            if (background.signal.aborted) return;
            settle();
            time.schedule(10_000, look);
          };
          background.run('the beginning', async () => {
            await load();
            look();
          });
          await time.run(time.monotonic() + 100);
        },
        stop: () => {
          background.stop(new Error('stopped'));
        },
      };
    },
  };
}
