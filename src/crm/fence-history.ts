import { fencingOf } from './fencing-event.ts';
import { childOf, parseResult } from './pacemaker-result.ts';
import { garbage } from './read-attribute.ts';
import type { Fencing } from './snapshot.ts';

const SOURCE = 'stonith_admin';

/**
 * The output of `stonith_admin --history '*' -V --output-as=xml`, newest first. -V matters: without it 2.1.5 prints one
 * event in total.
 *
 * @throws LifeboatError CRM_GARBAGE, or what the command's status stands for
 */
export function parseFenceHistory(text: string): readonly Fencing[] {
  const root = parseResult(text, SOURCE);
  const list = childOf(root, 'list');
  if (list === undefined) throw garbage(SOURCE, 'no <list> of fencings');
  return list.children.filter(({ name }) => name === 'fence_event').map((event) => fencingOf(event, SOURCE));
}
