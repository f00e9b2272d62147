import type { Hold } from '../../../../src/bridge/verdict.ts';
import type { EventAnswer } from '../../../../src/engine/instances/events.ts';
import { InstanceRecoveries } from '../../../../src/engine/instances/instance-recoveries.ts';
import type { InstanceLimits } from '../../../../src/engine/instances/instance-limits.ts';
import type { Move } from '../../../../src/engine/move.ts';
import { USUAL_INSTANCE_LIMITS } from '../../../../src/engine/instances/usual-limits.ts';
import type { Store } from '../../../../src/engine/store/store.ts';
import type { Cloud } from '../../../../src/openstack/cloud.ts';
import { crashGuest } from '../../../../src/simulation/cloud/actions.ts';
import { addGuest, type Guest } from '../../../../src/simulation/cloud/world.ts';
import { noticeBench, type NoticeBench } from '../notice-bench.ts';

export interface InstanceBench extends NoticeBench {
  readonly guest: Guest;
  /** What Nova was told, in order. */
  readonly calls: readonly string[];
  /** How often its guest was begun, the first time left out. */
  readonly restarts: () => number;
  readonly crash: () => void;
  hold: Hold | undefined;
  /** Hosts that are lost or being recovered. */
  readonly lost: Set<string>;
  /** How the recovery of cmp1 has moved the guest. */
  move: Pick<Move, 'state'> | undefined;
  readonly start: (options?: StartOptions) => Promise<InstanceDesk>;
}

export interface StartOptions {
  readonly cloud?: Cloud;
  readonly store?: Store;
  readonly limits?: Partial<InstanceLimits>;
  readonly answers?: Readonly<Record<string, EventAnswer>>;
}

export interface InstanceDesk {
  /** Of the guest; LIFECYCLE/STOPPED_FAILED when left out. */
  readonly report: (event?: string, detail?: string, generatedAtMs?: number, of?: Guest) => Promise<string>;
  readonly stop: () => void;
}

/** One instance on cmp1, and one engine's answers to reports of it. */
export async function instanceBench(): Promise<InstanceBench> {
  const below = await noticeBench();
  const { logger, time, world } = below;
  const guest = addGuest(world, { host: 'cmp1', name: 'web' });
  await time.run(1_000);
  const calls: string[] = [];
  const cloud: Cloud = {
    ...below.cloud,
    act: (id, action, signal) => {
      calls.push(action);
      return below.cloud.act(id, action, signal);
    },
  };
  const bench: InstanceBench = {
    ...below,
    ...{ cloud, guest, calls },
    restarts: () => world.runs.length - 1,
    crash: () => {
      crashGuest(world, guest);
    },
    hold: undefined,
    lost: new Set(),
    move: undefined,
    async start({ answers = {}, cloud: useCloud = cloud, limits = {}, store } = {}) {
      const desk = below.open(store);
      const recoveries = new InstanceRecoveries({
        ...{ cloud: useCloud, clock: time, logger, notices: desk.notices, background: desk.background, answers },
        limits: { ...USUAL_INSTANCE_LIMITS, ...limits },
        onWritten: () => undefined,
        holdOn: () => bench.hold,
        hostHold: (host) =>
          bench.lost.has(host) ? { kind: 'not-fenced', reason: `${host} is lost`, remedy: undefined } : undefined,
        moveFrom: (host) => (host === 'cmp1' ? (bench.move as Move | undefined) : undefined),
        reasonToLeave: () => undefined,
      });
      await desk.begin(
        () => recoveries.load(),
        () => {
          recoveries.settle();
        },
      );
      return {
        stop: desk.stop,
        report: (event = 'LIFECYCLE', detail = 'STOPPED_FAILED', generatedAtMs = time.now(), of = guest) => {
          const payload = { event, instance_uuid: of.id, vir_domain_event: detail };
          return desk.post({ type: 'VM', host: of.host ?? 'cmp1', payload, generatedAtMs });
        },
      };
    },
  };
  return bench;
}
