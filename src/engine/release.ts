import { isLifeboatError } from '../errors.ts';
import type { Cloud } from '../openstack/cloud.ts';
import type { Logger } from '../ports.ts';
import type { Isolation } from './recovery.ts';

/**
 * Gives a host back to Nova (S6): lift forced-down first, which Nova refuses while evacuated guests may still lie on the
 * host (`done` records; nova-compute turns them into `completed` when it has cleaned up), then enable it, if it was
 * enabled before. The other order lets the scheduler use a host that is not clean. Safe to repeat. `mayGoOn` is asked
 * between the two: the host may have died again meanwhile.
 */
export async function release(
  cloud: Cloud,
  logger: Logger,
  host: string,
  isolation: Pick<Isolation, 'serviceId' | 'wasDisabled'>,
  mayGoOn: () => boolean,
  signal?: AbortSignal,
): Promise<'released' | 'not-clean' | 'overtaken'> {
  try {
    await cloud.setForcedDown(isolation.serviceId, false, signal);
  } catch (error) {
    if (!isLifeboatError(error, 'CLOUD_BAD_REQUEST')) throw error;
    logger.debug({ host, answer: error.message }, `${host} is not clean yet`);
    return 'not-clean';
  }
  if (!mayGoOn()) return 'overtaken';
  if (!isolation.wasDisabled) await cloud.enableService(isolation.serviceId, signal);
  return 'released';
}
