import type { Page } from '../../engine/registry/registry.ts';
import { parseTime } from './check-body.ts';
import { Fault } from './fault.ts';
import { repr } from './python-words.ts';

const TRUE_WORDS = ['1', 't', 'true', 'on', 'y', 'yes'];
const FALSE_WORDS = ['0', 'f', 'false', 'off', 'n', 'no'];

/** `limit`, `marker`, `sort_key`, `sort_dir`. Throws a Fault of 400. */
export function pageOf(query: URLSearchParams, maxLimit: number): Page {
  const marker = query.get('marker');
  return {
    limit: Math.min(limitOf(query.get('limit'), maxLimit), maxLimit),
    marker: marker === null || marker === '' ? undefined : marker,
    sort: sortOf(query.getAll('sort_key'), query.getAll('sort_dir')),
  };
}

function limitOf(text: string | null, maxLimit: number): number {
  if (text === null || text === '') return maxLimit;
  if (!/^[+-]?\d+$/.test(text.trim())) throw new Fault(400, 'Invalid input received: limit must be an integer');
  if (Number(text) < 0) throw new Fault(400, 'Invalid input received: limit must be >= 0');
  return Number(text);
}

function sortOf(keys: readonly string[], directions: readonly string[]): Page['sort'] {
  if (directions.length > Math.max(keys.length, 1)) {
    throw new Fault(400, 'Sort direction size exceeds sort key size');
  }
  const wrong = directions.find((direction) => direction !== 'asc' && direction !== 'desc');
  if (wrong !== undefined) throw new Fault(400, "Unknown sort direction, must be 'asc' or 'desc'");
  const named = keys.length === 0 && directions.length > 0 ? ['created_at'] : keys;
  const fallback = directions[0] === 'asc' ? 'asc' : 'desc';
  return named.map((key, index) => ({ key, direction: directionAt(directions, index, fallback) }));
}

function directionAt(directions: readonly string[], index: number, fallback: 'asc' | 'desc'): 'asc' | 'desc' {
  const given = directions[index];
  return given === 'asc' || given === 'desc' ? given : fallback;
}

export function textOf(query: URLSearchParams, name: string): string | undefined {
  return query.get(name) ?? undefined;
}

/** Throws a Fault of 400 in the words of oslo. */
export function truthOf(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const word = text.trim().toLowerCase();
  if (TRUE_WORDS.includes(word)) return true;
  if (FALSE_WORDS.includes(word)) return false;
  const accepted = [...TRUE_WORDS, ...FALSE_WORDS]
    .toSorted()
    .map((each) => repr(each))
    .join(', ');
  throw new Fault(
    400,
    `Invalid value for ${name}: Unrecognized value ${repr(text)}, acceptable values are: ${accepted}`,
  );
}

export function sinceOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const ms = parseTime(text);
  if (ms === undefined) throw new Fault(400, `Invalid ${name} value`);
  return ms;
}
