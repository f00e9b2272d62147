import { isLifeboatError, messageOf } from '../errors.ts';
import { recoveryMark, type Ending } from './mark.ts';
import type { RecoverPorts } from './recover-ports.ts';
import type { Isolation, Recovery } from './recovery.ts';

/**
 * For the gate of the host while no engine can be asked, and for an engine without our store. Before the change of
 * state, because the release may begin right after it, and a mark that lands later would disable a host in service.
 * Without it the gate stays closed until an engine answers, which is no reason to hold the recovery.
 *
 * Answers the isolation with its new baseline: an advance past it tells that nova-compute was let in. Undefined when the
 * mark was not written.
 */
export async function markEnded(
  { host, isolation, proof }: Recovery,
  ending: Ending,
  { clock, cloud, logger, permission }: Pick<RecoverPorts, 'clock' | 'cloud' | 'logger' | 'permission'>,
  signal: AbortSignal,
): Promise<Isolation | undefined> {
  if (isolation === undefined || permission() !== undefined) return undefined;
  const mark = recoveryMark(proof, isolation.wasDisabled, clock.now(), ending);
  try {
    const marked = await cloud.disableService(isolation.serviceId, mark, signal);
    return { ...isolation, baselineUpdatedAtMs: marked.updatedAtMs, baselineReadAtMs: clock.now() };
  } catch (error) {
    if (signal.aborted || isLifeboatError(error, 'LEASE_LAPSED', 'LEASE_LOST')) throw error;
    logger.warn({ host, error: messageOf(error) }, `${host}: Nova was not told that its moves have ended`);
    return undefined;
  }
}
