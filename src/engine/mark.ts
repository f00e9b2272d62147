import type { Proof } from '../bridge/proof.ts';
import type { ComputeService } from '../openstack/cloud.ts';

/**
 * Our mark in Nova: the disabled_reason of a host that we keep out. It tells the operator why, and it tells an engine
 * that starts on another controller, without our store, what is owed (rule S4). Nova allows 255 characters.
 */
export type Mark =
  | {
      readonly kind: 'recovery';
      readonly node: string;
      readonly proof: Proof;
      readonly wasDisabled: boolean;
      /** When it was written, by the engine's clock: it moved Nova's updated_at, which is else a sign of life (S9). */
      readonly writtenAtMs: number;
      /** nova-compute of the host was heard after the fencing: nothing may be evacuated on this proof (S9). */
      readonly alive: boolean;
    }
  | { readonly kind: 'suspect'; readonly node: string; readonly wasDisabled: boolean };

const PREFIX = 'lifeboat: ';

export function recoveryMark(proof: Proof, wasDisabled: boolean, writtenAtMs: number, alive = false): string {
  const at = new Date(proof.completedAtMs).toISOString().replace(/\.\d+Z$/, 'Z');
  const facts = [
    proof.node,
    proof.completedAtMs,
    proof.kind,
    proof.by,
    wasDisabled ? 'disabled' : 'enabled',
    writtenAtMs,
    alive ? 'alive' : 'silent',
  ];
  return `${PREFIX}${proof.node} was ${proof.kind === 'human' ? 'confirmed down' : 'fenced'} at ${at}, its instances are evacuated [${facts.join('|')}]`;
}

export function suspectMark(node: string, wasDisabled: boolean): string {
  return `${PREFIX}${node} is lost and not yet fenced [${[node, 'suspect', wasDisabled ? 'disabled' : 'enabled'].join('|')}]`;
}

/** Undefined when the reason is not ours, or was edited by somebody. */
export function readMark(disabledReason: string | undefined): Mark | undefined {
  if (disabledReason?.startsWith(PREFIX) !== true) return undefined;
  const facts = /\[([^[\]]+)\]$/.exec(disabledReason)?.[1]?.split('|');
  if (facts === undefined) return undefined;
  if (facts.length === 3 && facts[1] === 'suspect' && facts[0] !== undefined) {
    return { kind: 'suspect', node: facts[0], wasDisabled: facts[2] === 'disabled' };
  }
  const [node, completed, kind, by, was, written, life] = facts;
  const completedAtMs = Number(completed);
  const writtenAtMs = Number(written);
  if (facts.length !== 7 || !node || !by) return undefined;
  if (!Number.isSafeInteger(completedAtMs) || !Number.isSafeInteger(writtenAtMs)) return undefined;
  if (kind !== 'fenced' && kind !== 'human') return undefined;
  const proof: Proof = {
    id: proofId(node, completedAtMs),
    node,
    kind,
    action: undefined,
    completedAtMs,
    by,
    origin: undefined,
    evidence: ['history'],
  };
  return { kind: 'recovery', node, proof, wasDisabled: was === 'disabled', writtenAtMs, alive: life === 'alive' };
}

/** Whether an operator had disabled the service, whatever we or another engine wrote since. */
export function wasDisabledBefore(service: Pick<ComputeService, 'status' | 'disabledReason'>): boolean {
  return readMark(service.disabledReason)?.wasDisabled ?? service.status === 'disabled';
}

/** The same writing as the bridge's: one fencing, one id. */
function proofId(node: string, completedAtMs: number): string {
  return `${node}:${Math.floor(completedAtMs / 1000)}`;
}
