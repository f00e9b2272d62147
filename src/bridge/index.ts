/** The bridge: from what was seen of the cluster to what must be recovered. Pure: no I/O, no clock of its own. */
export { decide } from './decide.ts';
export type { Decision, Missed } from './decision.ts';
export { matchHost, matchHosts } from './host-map.ts';
export type { HostMatch, NamedNode } from './host-map.ts';
export { emptyMemory } from './memory.ts';
export type { BridgeMemory } from './memory.ts';
export { PAUSE_ATTRIBUTE, pauseIn } from './pause.ts';
export type { Pause } from './pause.ts';
export type { Policy } from './policy.ts';
export type { Proof } from './proof.ts';
export { DEFAULT_SILENCE_MS, judgeHeartbeat } from './second-witness.ts';
export type { Advance, HeartbeatJudgement, HeartbeatQuestion } from './second-witness.ts';
export { HOLDS } from './verdict.ts';
export type { Hold, HoldKind, Verdict } from './verdict.ts';
