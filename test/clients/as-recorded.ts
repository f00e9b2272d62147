import { isDeepStrictEqual } from 'node:util';
import type { CommandOutcome } from './commands.ts';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIMES = new Set(['created_at']);
/** Of what was changed, or not, before somebody looked. */
const TIMES_OR_NONE = new Set(['updated_at']);

/** With ids, times of its making, and addresses taken out: what must be the same whoever answers. */
export function comparable({ as, said, shown, status }: CommandOutcome): CommandOutcome {
  return { as, status, shown: formOf(shown), said: withoutIds(said) };
}

/** What the client is to show, from what it showed of Masakari: of a list, the rows that are there now. */
export function asRecorded(recorded: CommandOutcome, ours: CommandOutcome): CommandOutcome {
  const wanted = comparable(recorded);
  const { shown } = comparable(ours);
  if (!Array.isArray(wanted.shown) || !Array.isArray(shown)) return wanted;
  const rows = wanted.shown.filter((row) => shown.some((each) => isDeepStrictEqual(each, row)));
  return { ...wanted, shown: rows.length === 0 ? wanted.shown : rows };
}

function formOf(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => formOf(each));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, formOf(each, name)]));
  }
  if (TIMES_OR_NONE.has(key)) return 'a time or none';
  if (TIMES.has(key)) return typeof value === 'string' ? 'a time' : value;
  if (key === 'id') return typeof value;
  return typeof value === 'string' ? withoutIds(value) : value;
}

/** The address of a real cloud has the id of a project in it, where one without Keystone has none. */
function withoutIds(text: string): string {
  return text
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+\/v1(\/[0-9a-f]{32})?/g, 'URL')
    .replaceAll(UUID, 'UUID')
    .replaceAll(/\b[0-9a-f]{32}\b/g, 'ID');
}
