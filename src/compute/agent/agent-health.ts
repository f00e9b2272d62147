/**
 * What we think of the agent in one guest, in the states of Masakari's introspective monitor: only an agent that has
 * answered once can fail, and it is reported once until it answers again.
 */
export const AGENT_STATES = {
  discovery: 'has not answered since the guest started, or since it was reported',
  healthy: 'answered the last ping',
  error: 'answered before, and does not now',
  reported: 'was reported, and has not answered since',
} as const;

export type AgentState = keyof typeof AGENT_STATES;

export interface AgentHealth {
  readonly state: AgentState;
  /** Pings without an answer, one after another. */
  readonly failures: number;
}

export const NEW_AGENT: AgentHealth = { state: 'discovery', failures: 0 };

/** Reported when more than so many pings went unanswered, one after another: the original's threshold, strictly more. */
export const USUAL_THRESHOLD = 3;

export type Ping = 'answered' | 'silent';

export interface Verdict {
  readonly health: AgentHealth;
  readonly verdict: 'nothing' | 'report';
}

export function afterPing({ state, failures }: AgentHealth, ping: Ping, threshold = USUAL_THRESHOLD): Verdict {
  if (ping === 'answered') {
    const next: AgentState = state === 'reported' ? 'discovery' : 'healthy';
    return { health: { state: next, failures: 0 }, verdict: 'nothing' };
  }
  if (state === 'discovery' || state === 'reported') return { health: { state, failures }, verdict: 'nothing' };
  const next = failures + 1;
  if (next > threshold) return { health: { state: 'reported', failures: next }, verdict: 'report' };
  return { health: { state: 'error', failures: next }, verdict: 'nothing' };
}
