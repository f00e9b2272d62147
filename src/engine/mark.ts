import type { Proof } from '../bridge/proof.ts';
import type { ComputeService } from '../openstack/cloud.ts';
import { factsOf, writeMark } from './mark-text.ts';
import { readProcessMark } from './processes/process-mark.ts';

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
      /**
       * How the moves ended; undefined while they have not. From here on nothing is evacuated on this proof any more, by
       * no engine: the gate lets nova-compute of the host start (docs/decisions/0027).
       */
      readonly ended: Ending | undefined;
    }
  | { readonly kind: 'suspect'; readonly node: string; readonly wasDisabled: boolean };

export type Ending = 'recovered' | 'failed';
/** The last fact of a recovery's mark. An engine that knows the first two only reads the others as `silent`. */
export type Life = 'silent' | 'alive' | Ending;

/** Of the name of whoever fenced; the node's name must stay whole. */
const LONGEST_BY = 60;

export function recoveryMark(proof: Proof, wasDisabled: boolean, writtenAtMs: number, life: Life = 'silent'): string {
  const at = new Date(proof.completedAtMs).toISOString().replace(/\.\d+Z$/, 'Z');
  const then = isEnding(life)
    ? 'its recovery has ended, and it is kept out until it is back and clean'
    : 'its instances are evacuated';
  const facts = [
    proof.node,
    proof.completedAtMs,
    proof.kind,
    [...proof.by.replaceAll(/[[\]|]/g, ' ')].slice(0, LONGEST_BY).join(''),
    wasDisabled ? 'disabled' : 'enabled',
    writtenAtMs,
    life,
  ];
  return writeMark(
    `${proof.node} was ${proof.kind === 'human' ? 'confirmed down' : 'fenced'} at ${at}, ${then}`,
    facts,
  );
}

export function suspectMark(node: string, wasDisabled: boolean): string {
  return writeMark(`${node} is lost and not yet fenced`, [node, 'suspect', wasDisabled ? 'disabled' : 'enabled']);
}

/** Undefined when the reason is not ours, or was edited by somebody. */
export function readMark(disabledReason: string | undefined): Mark | undefined {
  const facts = factsOf(disabledReason);
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
  return { kind: 'recovery', node, proof, wasDisabled: was === 'disabled', writtenAtMs, ...readLife(life) };
}

function readLife(life: string | undefined): { readonly alive: boolean; readonly ended: Ending | undefined } {
  return { alive: life === 'alive', ended: isEnding(life) ? life : undefined };
}

function isEnding(life: string | undefined): life is Ending {
  return life === 'recovered' || life === 'failed';
}

/**
 * Whether an operator had disabled the service, whatever we or another engine wrote since. For a failed process it was us:
 * the host is given back enabled, its nova-compute has started anew by then.
 */
export function wasDisabledBefore(service: Pick<ComputeService, 'status' | 'disabledReason'>): boolean {
  if (readProcessMark(service.disabledReason) !== undefined) return false;
  return readMark(service.disabledReason)?.wasDisabled ?? service.status === 'disabled';
}

/** The same writing as the bridge's: one fencing, one id. */
function proofId(node: string, completedAtMs: number): string {
  return `${node}:${Math.floor(completedAtMs / 1000)}`;
}
