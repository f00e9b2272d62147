import { novaError } from '../../src/simulation/cloud/answer.ts';
import type { Answer, Call } from '../../src/simulation/cloud/answer.ts';
import type { World } from '../../src/simulation/cloud/world.ts';

interface Page<T> {
  readonly items: readonly T[];
  /** Nova's `*_links`; it is there whenever the page is full, even when nothing follows. */
  readonly next: readonly { readonly rel: 'next'; readonly href: string }[] | undefined;
}

export function pageOf<T>(
  world: World,
  call: Call,
  all: readonly T[],
  keyOf: (item: T) => string,
  url: string,
  words: { readonly missing: (marker: string) => string } = { missing: (marker) => `marker [${marker}] not found` },
): Page<T> | Answer {
  const marker = call.query.get('marker');
  const start = marker === null ? 0 : all.findIndex((item) => keyOf(item) === marker) + 1;
  if (marker !== null && start === 0) return novaError(400, words.missing(marker));
  const limit = Math.min(Number(call.query.get('limit') ?? world.options.pageLimit), world.options.pageLimit);
  const items = all.slice(start, start + limit);
  const last = items.at(-1);
  if (items.length < limit || last === undefined) return { items, next: undefined };
  const query = new URLSearchParams(call.query);
  query.set('marker', keyOf(last));
  return { items, next: [{ rel: 'next', href: `${url}?${query.toString()}` }] };
}
