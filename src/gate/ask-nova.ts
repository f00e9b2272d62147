import type { GateAnswer, GatePurpose } from '../engine/gate.ts';
import { messageOf } from '../errors.ts';
import type { NovaCloud } from '../openstack/nova.ts';
import type { Clock } from '../ports.ts';
import { judgeByNova } from './by-nova.ts';

export interface NovaAskPorts {
  readonly cloud: Pick<NovaCloud, 'computeServices' | 'evacuationsFrom' | 'timeMs'>;
  readonly clock: Clock;
  /** By this machine's clock. */
  readonly bootedAtMs: () => number;
}

/** Never rejects: a Nova that cannot be asked is one more doubt. */
export async function askNova(
  { bootedAtMs, clock, cloud }: NovaAskPorts,
  host: string,
  purpose: GatePurpose,
): Promise<GateAnswer> {
  try {
    const [services, evacuations] = await Promise.all([cloud.computeServices(), cloud.evacuationsFrom(host)]);
    // A machine that boots may have its clock wrong by hours, until the network sets it: only how long it runs is certain.
    const cloudIsAheadMs = (cloud.timeMs() ?? Number.POSITIVE_INFINITY) - clock.now();
    return judgeByNova(host, purpose, { services, evacuations, bootedAtMs: bootedAtMs() + cloudIsAheadMs });
  } catch (error) {
    return { gate: 'unknown', reason: `Nova cannot be asked either: ${messageOf(error)}` };
  }
}
