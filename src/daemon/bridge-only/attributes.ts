import type { Health } from '../../control/protocol.ts';
import { describeHold } from '../../engine/describe.ts';
import type { Report } from '../../sink/report.ts';
import {
  ABOUT_PREFIX,
  attributeKey,
  BRIEF_MS,
  ENGINE_ATTRIBUTE,
  NODE_ATTRIBUTE,
  SHOWN_AFTER_RELEASE_MS,
  type Attributes,
} from '../desired-attributes.ts';
import type { BridgeOnlyFacts } from './report.ts';

/** What crm_mon should show now: of each node that is lost, or was, how far it is told. */
export function bridgeOnlyAttributes({ now, sink, verdicts }: BridgeOnlyFacts, health: Health): Attributes {
  const words = new Map<string, string>();
  for (const verdict of verdicts) {
    if (verdict.state === 'lost' && now - verdict.lostSinceMs >= BRIEF_MS)
      words.set(verdict.node, describeHold(verdict.hold));
  }
  for (const report of sink.reports.toReversed()) {
    const endedMs = report.settledAtMs === undefined ? 0 : now - report.settledAtMs;
    if (endedMs > SHOWN_AFTER_RELEASE_MS) continue;
    const hold = sink.holds.get(report.host);
    words.set(report.node, report.state === 'waiting' && hold !== undefined ? describeHold(hold) : WORDS[report.state]);
  }
  const up = new Set(verdicts.filter(({ state }) => state === 'up').map(({ node }) => node));
  const texts = new Map([[attributeKey(health.node, ENGINE_ATTRIBUTE), health.summary]]);
  for (const [node, text] of words) {
    texts.set(attributeKey(node, NODE_ATTRIBUTE), text);
    if (!up.has(node)) texts.set(attributeKey(health.node, ABOUT_PREFIX + node), text);
  }
  return texts;
}

const WORDS: Readonly<Record<Report['state'], string>> = {
  waiting: 'reporting to Masakari',
  told: 'reported to Masakari',
  dropped: 'not reported to Masakari',
};
