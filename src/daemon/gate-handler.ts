import type { GateHandler } from '../api/gate-route.ts';
import type { Engine } from '../engine/engine.ts';
import { findHost } from '../engine/gate.ts';
import { sleep, type Clock } from '../ports.ts';
import type { FreshLook } from './fresh-look.ts';

export interface GatePorts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly freshLook: FreshLook;
  readonly localNode: string;
}

/** A host that Nova did not have a moment ago may have been added. */
const NEW_HOST_MS = 2_000;
/** Nova may hang; what is in doubt without it is then answered as that. */
const NOVA_PATIENCE_MS = 5_000;

/** Answers a gate from a reading of the cluster that began after the question. */
export function gateHandler({ engine, clock, freshLook, localNode }: GatePorts): GateHandler {
  return async (host, purpose) => {
    const looked = freshLook.ask();
    const isKnown = findHost(host, engine.services.hosts ?? []).kind === 'found';
    if (!isKnown) await Promise.race([engine.services.refresh(NEW_HOST_MS), sleep(clock, NOVA_PATIENCE_MS)]);
    if (await looked) return engine.gateOf(host, purpose);
    return { gate: 'unknown', reason: 'the engine could not read the cluster', remedy: `crm_mon on ${localNode}` };
  };
}
