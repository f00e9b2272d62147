import type { Hold } from '../bridge/verdict.ts';
import { BY_ITSELF, type Orders } from './orders.ts';
import { hasBegun, type Recovery } from './recovery.ts';

type StormHold = (recovery: Recovery) => Hold | undefined;

/** Why the recovery may not begin (S7). Undefined also when it has begun, or never will because it was cancelled. */
export function holdOnBeginning(recovery: Recovery, stormHold: StormHold): Hold | undefined {
  if (hasBegun(recovery) || recovery.orders.cancelled !== undefined) return undefined;
  return stormHold(recovery);
}

/**
 * The recovery's orders with the word that it has begun, if it begins now; else the very same. They are written down with
 * the change of state that begins it: what has begun is not held for a storm again, by no engine.
 */
export function ordersNow(recovery: Recovery, stormHold: StormHold, now: number): Orders {
  const { orders } = recovery;
  if (hasBegun(recovery) || orders.cancelled !== undefined || stormHold(recovery) !== undefined) return orders;
  return { ...orders, admitted: { by: BY_ITSELF, atMs: now, reason: undefined } };
}
