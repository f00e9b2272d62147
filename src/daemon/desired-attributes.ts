import { describeHold, describeRecovery } from '../engine/describe.ts';
import type { Engine } from '../engine/engine.ts';
import type { Recover } from '../engine/recover.ts';
import { isUnfinished } from '../engine/recovery.ts';
import type { Health } from '../control/protocol.ts';

/** On the node that is spoken of. Others depend on the name, and on that of the engine's. */
export const NODE_ATTRIBUTE = 'lifeboat';
/** On the engine's node. */
export const ENGINE_ATTRIBUTE = 'lifeboat-engine';
/** On the engine's node, one for each node that is not online: crm_mon shows no attribute of an offline node. */
export const ABOUT_PREFIX = 'lifeboat-of-';

/** `lifeboat-host` is not among them: an operator writes it. */
export function isOurs(attribute: string): boolean {
  return attribute === NODE_ATTRIBUTE || attribute === ENGINE_ATTRIBUTE || attribute.startsWith(ABOUT_PREFIX);
}

/** A loss that is fenced within this time is not worth a word in crm_mon. */
export const BRIEF_MS = 2_000;
/** How long a host that was given back keeps showing what was done. */
export const SHOWN_AFTER_RELEASE_MS = 3_600_000;

/** By `node\nattribute`: the text that crm_mon should show. */
export type Attributes = ReadonlyMap<string, string>;

export function attributeKey(node: string, attribute: string): string {
  return `${node}\n${attribute}`;
}

/** What crm_mon should show now. Never the only copy of anything: all of it is made anew from the engine's state. */
export function desiredAttributes(engine: Engine, health: Health, now: number): Attributes {
  const words = wordsByNode(engine, now);
  const up = new Set(engine.verdicts.filter(({ state }) => state === 'up').map(({ node }) => node));
  const texts = new Map([[attributeKey(health.node, ENGINE_ATTRIBUTE), health.summary]]);
  for (const [node, text] of words) {
    texts.set(attributeKey(node, NODE_ATTRIBUTE), text);
    if (!up.has(node)) texts.set(attributeKey(health.node, ABOUT_PREFIX + node), text);
  }
  return texts;
}

function wordsByNode(engine: Engine, now: number): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  for (const verdict of engine.verdicts) {
    if (verdict.state !== 'lost' || now - verdict.lostSinceMs < BRIEF_MS) continue;
    words.set(verdict.node, describeHold(verdict.hold));
  }
  for (const { host, node, state } of engine.verdicts) {
    const left = host === undefined ? undefined : engine.leftAlone.get(host);
    if (state === 'proven' && left !== undefined) words.set(node, describeHold(left));
  }
  for (const run of oldestFirst(engine.recoveries)) {
    const { recovery, moves } = run;
    if (recovery.state === 'superseded') continue;
    if (recovery.releasedAtMs !== undefined && now - recovery.releasedAtMs > SHOWN_AFTER_RELEASE_MS) continue;
    if (words.has(recovery.node) && !isUnfinished(recovery)) continue;
    const flapping = engine.flappingHoldOf(run);
    words.set(recovery.node, flapping === undefined ? describeRecovery(recovery, moves) : describeHold(flapping));
  }
  return words;
}

function oldestFirst(runs: readonly Recover[]): readonly Recover[] {
  return runs.toReversed();
}
