import { cloudSamples, type CloudCallCount } from '../api/metrics/cloud-samples.ts';
import { engineSamples } from '../api/metrics/engine-samples.ts';
import type { MetricsPorts } from '../api/metrics/mount.ts';
import { processSamples, type ProcessUse } from '../api/metrics/process-samples.ts';
import { RequestBook } from '../api/metrics/request-book.ts';
import type { MountPorts } from '../api/masakari/mount.ts';
import type { Config } from '../config/config.ts';
import type { Lease } from '../engine/lease.ts';
import type { Heart } from './heart.ts';
import { statusOf } from './report.ts';

/** What is measured outside of the engine; what is left out is not shown. */
export interface Meters {
  readonly cloudCalls?: () => readonly CloudCallCount[];
  readonly processUse?: () => ProcessUse;
}

export interface MetricsPortsOptions {
  readonly config: Config;
  readonly lease: Lease;
  readonly meters?: Meters;
}

/** What /metrics needs of the daemon. */
export function metricsPorts(
  { authenticate, mayAsk, policy }: MountPorts,
  heart: Heart,
  { config, lease, meters = {} }: MetricsPortsOptions,
): MetricsPorts {
  const { cloudCalls, processUse } = meters;
  return {
    ...{ authenticate, mayAsk, policy },
    openTo: config.api.metricsOpenTo,
    requests: new RequestBook(),
    samples: () => [
      ...engineSamples({
        status: statusOf(heart.facts()),
        leaseEpoch: lease.epoch,
        ownHold: heart.engine.ownHold?.kind,
      }),
      ...cloudSamples(cloudCalls?.() ?? []),
      ...(processUse === undefined ? [] : processSamples(processUse())),
    ],
  };
}
