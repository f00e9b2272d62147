import type { GateAnswer, GatePurpose } from '../engine/gate.ts';
import { messageOf } from '../errors.ts';
import type { Cloud } from '../openstack/cloud.ts';
import { judgeByNova } from './by-nova.ts';

/** Never rejects: a Nova that cannot be asked is one more doubt. */
export async function askNova(
  cloud: Pick<Cloud, 'computeServices' | 'evacuationsFrom'>,
  host: string,
  purpose: GatePurpose,
  bootedAtMs: number,
): Promise<GateAnswer> {
  try {
    const [services, evacuations] = await Promise.all([cloud.computeServices(), cloud.evacuationsFrom(host)]);
    return judgeByNova(host, purpose, { services, evacuations, bootedAtMs });
  } catch (error) {
    return { gate: 'unknown', reason: `Nova cannot be asked either: ${messageOf(error)}` };
  }
}
