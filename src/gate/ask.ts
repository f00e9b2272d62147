import type { GateAnswer, GatePurpose } from '../engine/gate.ts';
import type { Clock } from '../ports.ts';
import { askEngines, type EnginesChoice } from './ask-engines.ts';

export interface GateAsk {
  readonly host: string;
  readonly purpose: GatePurpose;
  readonly engines: EnginesChoice;
  /** Asked when no engine answers; undefined: there are no credentials for it. */
  readonly nova: (() => Promise<GateAnswer>) | undefined;
  readonly clock: Clock;
}

/**
 * One answer, with who gave it in its reason. An engine that answers `unknown` is not gone over the head of: it knows more
 * than Nova of what it is about to do.
 */
export async function askGate({ clock, engines, host, nova, purpose }: GateAsk): Promise<GateAnswer> {
  const said = await askEngines(engines, clock, host, purpose);
  if (said.kind === 'answered') return { ...said.answer, reason: `${said.answer.reason} (${said.engine})` };
  const silence = said.reasons.length === 0 ? 'no engine is named' : `no engine answers (${said.reasons.join('; ')})`;
  if (nova !== undefined) {
    const answer = await nova();
    return { ...answer, reason: `${answer.reason} (Nova; ${silence})` };
  }
  return {
    gate: 'unknown',
    reason: `${silence}, and there are no credentials to ask Nova with`,
    remedy: 'name the controllers in gate.engines, and a cloud in cloud.name',
  };
}
