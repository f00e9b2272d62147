import { describeHold, describeRecovery } from '../engine/describe.ts';
import type { Engine } from '../engine/engine.ts';
import type { Recover } from '../engine/recover.ts';
import { isUnfinished } from '../engine/recovery.ts';
import type { Health } from '../control/protocol.ts';

/** Attribute names that others depend on (design section 5). */
export const NODE_ATTRIBUTE = 'lifeboat';
export const ENGINE_ATTRIBUTE = 'lifeboat-engine';

/** A loss that is fenced within this time is not worth a word in crm_mon. */
const BRIEF_MS = 2_000;
/** How long a host that was given back keeps showing what was done. */
const SHOWN_AFTER_RELEASE_MS = 3_600_000;

/** By `node\nattribute`: the text that crm_mon should show. */
export type Attributes = ReadonlyMap<string, string>;

export function attributeKey(node: string, attribute: string): string {
  return `${node}\n${attribute}`;
}

/** What crm_mon should show now. Never the only copy of anything: all of it is made anew from the engine's state. */
export function desiredAttributes(engine: Engine, health: Health, now: number): Attributes {
  const texts = new Map<string, string>();
  for (const verdict of engine.verdicts) {
    if (verdict.state !== 'lost' || now - verdict.lostSinceMs < BRIEF_MS) continue;
    texts.set(attributeKey(verdict.node, NODE_ATTRIBUTE), describeHold(verdict.hold));
  }
  for (const run of oldestFirst(engine.recoveries)) {
    const { recovery } = run;
    if (recovery.state === 'superseded') continue;
    if (recovery.releasedAtMs !== undefined && now - recovery.releasedAtMs > SHOWN_AFTER_RELEASE_MS) continue;
    const held = texts.has(attributeKey(recovery.node, NODE_ATTRIBUTE));
    if (held && !isUnfinished(recovery)) continue;
    texts.set(attributeKey(recovery.node, NODE_ATTRIBUTE), describeRecovery(recovery, run.moves));
  }
  texts.set(attributeKey(health.node, ENGINE_ATTRIBUTE), health.summary);
  return texts;
}

function oldestFirst(runs: readonly Recover[]): readonly Recover[] {
  return runs.toReversed();
}
