import { isLifeboatError, LifeboatError } from '../errors.ts';
import type { NovaCalls } from './nova-calls.ts';
import { isRow, rowsAt, textAt } from './rows.ts';
import type { Row } from './rows.ts';

export interface Listing {
  readonly what: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** The list in the answer; its links are beside it as `KEY_links`. */
  readonly key: string;
  /** What makes two rows the same one. A row can be seen twice when the list moves between two pages. */
  readonly identity: string;
  readonly signal?: AbortSignal | undefined;
  /** The minor number of the newest microversion that it may be asked with. */
  readonly atMost?: number;
}

/** A marker can vanish between two pages, and then the list is read anew. */
const TRIES = 3;

export async function listAll(nova: NovaCalls, listing: Listing): Promise<readonly Row[]> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await readPages(nova, listing);
    } catch (error) {
      if (tried >= TRIES || !(isLifeboatError(error, 'CLOUD_BAD_REQUEST') && /marker/i.test(error.message)))
        throw error;
    }
  }
}

async function readPages(nova: NovaCalls, listing: Listing): Promise<readonly Row[]> {
  const { what, signal, atMost } = listing;
  const version = atMost === undefined ? {} : { atMost };
  const rows = new Map<unknown, Row>();
  const markers = new Set<string>();
  let marker: string | undefined;
  do {
    const query = new URLSearchParams({ ...listing.query, ...(marker === undefined ? {} : { marker }) });
    const path = `${listing.path}?${query.toString()}`;
    const { body } = await nova.call({ what, method: 'GET', path, signal, repeats: 'safely', ...version });
    for (const row of rowsAt(body, listing.key, what)) rows.set(row[listing.identity], row);
    marker = nextMarker(body, listing);
    if (marker !== undefined && markers.has(marker)) {
      throw new LifeboatError('CLOUD_GARBAGE', `${what}: page follows page without an end`);
    }
    if (marker !== undefined) markers.add(marker);
  } while (marker !== undefined);
  return [...rows.values()];
}

/** Only the marker is taken from the link: behind a proxy its host is often one that cannot be reached. */
function nextMarker(body: unknown, listing: Listing): string | undefined {
  const field = `${listing.key}_links`;
  if (!isRow(body) || body[field] === undefined) return undefined;
  const next = rowsAt(body, field, listing.what).find((link) => link.rel === 'next');
  if (next === undefined) return undefined;
  const href = textAt(next, 'href', listing.what);
  const marker = URL.canParse(href, 'http://nova') ? new URL(href, 'http://nova').searchParams.get('marker') : null;
  if (marker !== null && marker !== '') return marker;
  throw new LifeboatError('CLOUD_GARBAGE', `${listing.what}: the next link of ${field} has no marker`);
}
