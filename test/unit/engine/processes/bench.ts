import type { Hold } from '../../../../src/bridge/verdict.ts';
import { ProcessFailures } from '../../../../src/engine/processes/process-failures.ts';
import { USUAL_PROCESS_LIMITS, type ProcessLimits } from '../../../../src/engine/processes/process-limits.ts';
import { Services } from '../../../../src/engine/services.ts';
import type { Store } from '../../../../src/engine/store/store.ts';
import type { Cloud } from '../../../../src/openstack/cloud.ts';
import { requireHost, type Host } from '../../../../src/simulation/cloud/world.ts';
import { noticeBench, type NoticeBench } from '../notice-bench.ts';

export interface ProcessBench extends NoticeBench {
  /** Changes of services that reached Nova. */
  readonly puts: readonly { readonly host: string; readonly status: string }[];
  /** How long the longest of them held its worker. */
  readonly longestPutMs: () => number;
  readonly host: (name: string) => Host;
  /** What the engine says of hosts. */
  hold: Hold | undefined;
  left: Hold | undefined;
  keptOut: boolean;
  readonly start: (options?: StartOptions) => Promise<ProcessDesk>;
}

export interface StartOptions {
  readonly cloud?: Cloud;
  readonly store?: Store;
  readonly limits?: Partial<ProcessLimits>;
}

export interface ProcessDesk {
  /** Of nova-compute on cmp1 when left out. */
  readonly report: (event: 'STOPPED' | 'STARTED', process?: string, host?: string) => Promise<string>;
  readonly stop: () => void;
}

/** One engine's answers to reports of processes. */
export async function processBench(): Promise<ProcessBench> {
  const below = await noticeBench();
  const { logger, time, world } = below;
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
    ...below.cloud,
    disableService: (id, reason, signal) =>
      watched(id, 'disabled', () => below.cloud.disableService(id, reason, signal)),
    enableService: (id, signal) => watched(id, 'enabled', () => below.cloud.enableService(id, signal)),
  };
  const bench: ProcessBench = {
    ...below,
    cloud,
    puts,
    longestPutMs: () => longestMs,
    host: (name) => requireHost(world, name),
    hold: undefined,
    left: undefined,
    keptOut: false,
    async start({ cloud: useCloud = cloud, limits = {}, store } = {}) {
      const desk = below.open(store);
      const services = new Services(useCloud, time, logger, () => undefined);
      const failures = new ProcessFailures({
        ...{ cloud: useCloud, services, clock: time, logger, notices: desk.notices, background: desk.background },
        limits: { ...USUAL_PROCESS_LIMITS, ...limits },
        onWritten: () => undefined,
        holdOn: () => bench.hold,
        leftAlone: () => bench.left,
        isKeptOut: () => bench.keptOut,
      });
      await desk.begin(
        () => failures.load(),
        () => {
          desk.background.run('the services', () => services.refresh(30_000));
          failures.settle();
        },
      );
      return {
        stop: desk.stop,
        report: (event, process = 'nova-compute', host = 'cmp1') =>
          desk.post({ type: 'PROCESS', host, payload: { event, process_name: process } }),
      };
    },
  };
  return bench;
}
