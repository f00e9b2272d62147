import { LifeboatError } from '../errors.ts';
import type { Http } from './http.ts';
import type { Image } from './inventory.ts';
import type { Keystone } from './keystone.ts';
import type { Patience } from './repeat.ts';
import { isRow, rowsAt, textAt, wordsAt } from './rows.ts';
import type { Row } from './rows.ts';
import { createServiceCalls } from './service-calls.ts';
import type { ServiceCalls } from './service-calls.ts';

export function createGlance(http: Http, keystone: Keystone, patience: Patience): ServiceCalls {
  return createServiceCalls(http, keystone, patience, { type: 'image', headers: {} });
}

/** Pages of them; an end that never comes is none. */
const MOST_PAGES = 1_000;

export async function images(glance: ServiceCalls, signal?: AbortSignal): Promise<readonly Image[]> {
  const what = 'list images';
  const found = new Map<string, Image>();
  let path: string | undefined = '/v2/images?limit=1000';
  for (let page = 1; path !== undefined; page += 1) {
    if (page > MOST_PAGES) throw new LifeboatError('CLOUD_GARBAGE', `${what}: page follows page without an end`);
    const { body } = await glance.call({ what, method: 'GET', path, signal, repeats: 'safely' });
    for (const row of rowsAt(body, 'images', what)) found.set(textAt(row, 'id', what), readImage(row, what));
    path = isRow(body) && body.next !== undefined ? nextPath(textAt(body, 'next', what)) : undefined;
  }
  return [...found.values()];
}

/** Properties stand among the image's own fields; whatever is a text may be one. */
function readImage(row: Row, what: string): Image {
  const texts = Object.entries(row).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return { id: textAt(row, 'id', what), properties: Object.fromEntries(texts), tags: wordsAt(row, 'tags', what) };
}

/** Behind a proxy the host of a link is often one that cannot be reached: only what follows it is taken. */
function nextPath(link: string): string {
  const url = new URL(link, 'http://glance');
  return `${url.pathname.slice(url.pathname.indexOf('/v2/images'))}${url.search}`;
}
