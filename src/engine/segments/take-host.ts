import { isLifeboatError, messageOf } from '../../errors.ts';
import type { Cloud, ComputeService } from '../../openstack/cloud.ts';
import type { Inventory } from '../../openstack/inventory.ts';
import type { Clock, Logger } from '../../ports.ts';
import { readMark } from '../mark.ts';
import type { Taking } from './taking.ts';

export interface TakePorts {
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Undefined: it is added to none. */
  readonly aggregatesOf: Pick<Inventory, 'aggregates' | 'addToAggregate'> | undefined;
  /** Asked before every effect. */
  readonly mayGoOn: () => boolean;
}

export interface Wanted {
  readonly host: string;
  readonly failedHost: string;
  readonly service: ComputeService;
  /** What a former engine, or an earlier try, has written down. */
  readonly known: Taking | undefined;
}

/**
 * Adds a reserved host to the aggregates of the failed one, to each that it is not in (Masakari forgot all but the first,
 * LP 1856164), and enables it. `remember` puts it on disk before and after. Safe to repeat. Undefined when it may not go on
 * in the middle: what was begun is on disk.
 */
export async function take(
  { aggregatesOf, clock, cloud, logger, mayGoOn }: TakePorts,
  { failedHost, host, known, service }: Wanted,
  remember: (taking: Taking) => Promise<void>,
  signal: AbortSignal,
): Promise<Taking | undefined> {
  const missing = aggregatesOf === undefined ? [] : await missingAggregates(aggregatesOf, host, failedHost, signal);
  const taking: Taking = {
    host,
    serviceId: service.id,
    failedHost,
    state: 'taking',
    wasEnabled: known?.wasEnabled ?? service.status === 'enabled',
    formerReason: known === undefined ? reasonBefore(service) : known.formerReason,
    aggregates: [...new Set([...(known?.aggregates ?? []), ...missing])],
    sinceMs: known?.sinceMs ?? clock.now(),
  };
  await remember(taking);
  for (const id of missing) {
    if (!mayGoOn()) return undefined;
    try {
      await aggregatesOf?.addToAggregate(id, host, signal);
    } catch (error) {
      // It is there already, or Nova refuses it for its availability zone: instances that need it will say so.
      if (!isLifeboatError(error, 'CLOUD_CONFLICT')) throw error;
      logger.warn(
        { host, aggregate: id },
        `${host} was not added to an aggregate of ${failedHost}: ${messageOf(error)}`,
      );
    }
  }
  if (!mayGoOn()) return undefined;
  if (!taking.wasEnabled || service.status !== 'enabled') await cloud.enableService(service.id, signal);
  const taken: Taking = { ...taking, state: 'taken' };
  await remember(taken);
  return taken;
}

/** A mark of ours is left of a failure of its own, and would tell the next engine of one. */
function reasonBefore({ disabledReason }: ComputeService): string | undefined {
  return readMark(disabledReason) === undefined ? disabledReason : undefined;
}

async function missingAggregates(
  inventory: Pick<Inventory, 'aggregates'>,
  host: string,
  failedHost: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const all = await inventory.aggregates(signal);
  return all.filter(({ hosts }) => hosts.includes(failedHost) && !hosts.includes(host)).map(({ id }) => id);
}

/**
 * The way back: disabled first, so that nothing is sent there any more, then out of the aggregates. Safe to repeat. False
 * when it may not go on in the middle.
 */
export async function giveBack(
  {
    cloud,
    inventory,
    mayGoOn,
  }: { readonly cloud: Cloud; readonly inventory: Inventory | undefined; readonly mayGoOn: () => boolean },
  taking: Taking,
  remember: (taking: Taking) => Promise<void>,
): Promise<boolean> {
  if (!mayGoOn()) return false;
  await remember({ ...taking, state: 'giving-back' });
  if (!mayGoOn()) return false;
  if (!taking.wasEnabled) await cloud.disableService(taking.serviceId, taking.formerReason ?? '');
  for (const id of taking.aggregates) {
    if (!mayGoOn()) return false;
    try {
      await inventory?.removeFromAggregate(id, taking.host);
    } catch (error) {
      // It was never added, or somebody has taken it out, or the aggregate is gone.
      if (!isLifeboatError(error, 'CLOUD_NOT_FOUND', 'CLOUD_CONFLICT')) throw error;
    }
  }
  return true;
}
