import { garbage, optionalText, requireText, requireTime, unreadable } from './read-attribute.ts';
import type { Fencing, FencingStatus } from './snapshot.ts';
import { fencingKey } from './snapshot.ts';
import type { XmlElement } from './xml-element.ts';

/** One <fence_event>, as crm_mon and stonith_admin both write it. */
export function fencingOf(event: XmlElement, source: string): Fencing {
  const status = requireText(event, 'status', source);
  if (!isFencingStatus(status)) throw unreadable(event, 'status', 'pending, success or failed', source);
  const completedAtMs = event.attributes.completed === undefined ? undefined : requireTime(event, 'completed', source);
  const target = requireText(event, 'target', source);
  if (status !== 'pending' && completedAtMs === undefined) {
    throw garbage(source, `the ${status} fencing of ${target.slice(0, 80)} has no attribute completed`);
  }
  return Object.freeze({
    target,
    action: requireText(event, 'action', source),
    status,
    client: requireText(event, 'client', source),
    origin: requireText(event, 'origin', source),
    delegate: optionalText(event, 'delegate'),
    completedAtMs: status === 'pending' ? undefined : completedAtMs,
    exitReason: optionalText(event, 'exit-reason'),
  });
}

function isFencingStatus(word: string): word is FencingStatus {
  return word === 'pending' || word === 'success' || word === 'failed';
}

/**
 * One history from two that were read side by side, newest first: what is pending, then by time of completion; the
 * histories' own order (newest first) decides within a second. A fencing that one command saw pending and the other
 * already completed is one fencing: the pending record goes. `readAtMs` is when the reading of both began.
 */
export function mergeFencings(histories: readonly (readonly Fencing[])[], readAtMs: number): readonly Fencing[] {
  const byKey = new Map(histories.flat().map((fencing) => [fencingKey(fencing), fencing]));
  const all = [...byKey.values()];
  // a time of completion is rounded down to the second
  const justNowMs = Math.floor(readAtMs / 1000) * 1000;
  const justCompleted = new Set(
    all.filter(({ completedAtMs }) => (completedAtMs ?? 0) >= justNowMs).map((fencing) => requestOf(fencing)),
  );
  return all
    .filter((fencing) => fencing.status !== 'pending' || !justCompleted.has(requestOf(fencing)))
    .sort((a, b) => (b.completedAtMs ?? Infinity) - (a.completedAtMs ?? Infinity) || 0);
}

/** Without the action: a reboot by a level of two devices is pending as "off" and ends as "reboot" (seen in 2.1.5). */
function requestOf({ target, client, origin }: Fencing): string {
  return [target, client, origin].join('|');
}
