import { LifeboatError } from '../errors.ts';

/** Readers of one field each. A field that is missing or odd is CLOUD_GARBAGE by its name, never a guess. */
export type Row = Readonly<Record<string, unknown>>;

export function objectAt(value: unknown, field: string, what: string): Row {
  const found = isRow(value) ? value[field] : undefined;
  return isRow(found) ? found : refuse(what, field, 'an object');
}

export function rowsAt(value: unknown, field: string, what: string): readonly Row[] {
  const found = isRow(value) ? value[field] : undefined;
  if (!Array.isArray(found)) return refuse(what, field, 'a list');
  return (found as readonly unknown[]).map((row, index) =>
    isRow(row) ? row : refuse(what, `${field}[${index}]`, 'an object'),
  );
}

export function textAt(row: Row, field: string, what: string): string {
  const value = row[field];
  return typeof value === 'string' && value !== '' ? value : refuse(what, field, 'a text');
}

/** Undefined for null and for an empty text, which Nova uses alike. The field itself must be there. */
export function optionalTextAt(row: Row, field: string, what: string): string | undefined {
  const value = row[field];
  if (value === null || value === '') return undefined;
  return typeof value === 'string' ? value : refuse(what, field, 'a text or null');
}

export function numberAt(row: Row, field: string, what: string): number {
  const value = row[field];
  return typeof value === 'number' && Number.isFinite(value) ? value : refuse(what, field, 'a number');
}

export function flagAt(row: Row, field: string, what: string): boolean {
  const value = row[field];
  return typeof value === 'boolean' ? value : refuse(what, field, 'true or false');
}

export function wordAt<const W extends string>(row: Row, field: string, words: readonly W[], what: string): W {
  const value = row[field];
  return words.find((word) => word === value) ?? refuse(what, field, words.join(' or '));
}

/** A text for each key; an empty one is a value here. */
export function textsAt(row: Row, field: string, what: string): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const [key, value] of Object.entries(objectAt(row, field, what))) {
    texts[key] = typeof value === 'string' ? value : refuse(what, `${field}.${key}`, 'a text');
  }
  return texts;
}

export function wordsAt(row: Row, field: string, what: string): readonly string[] {
  const value = row[field];
  if (Array.isArray(value) && value.every((word) => typeof word === 'string')) return value;
  return refuse(what, field, 'a list of texts');
}

const STAMP = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/;

/** Milliseconds since the epoch. Nova writes UTC, in some places without saying so. */
export function stampAt(row: Row, field: string, what: string): number {
  const match = STAMP.exec(typeof row[field] === 'string' ? row[field] : '');
  const at = match === null ? NaN : Date.parse(`${match[1]}${(match[2] ?? '').slice(0, 4)}${match[3] ?? 'Z'}`);
  return Number.isNaN(at) ? refuse(what, field, 'a time') : at;
}

export function optionalStampAt(row: Row, field: string, what: string): number | undefined {
  return row[field] === null ? undefined : stampAt(row, field, what);
}

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(what: string, field: string, expected: string): never {
  throw new LifeboatError('CLOUD_GARBAGE', `${what}: the answer's ${field} is not ${expected}`);
}
