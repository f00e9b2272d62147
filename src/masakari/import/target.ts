import type { StoredHost, StoredSegment } from '../../engine/store/registry-store.ts';
import type { StoreReading } from '../../engine/store/store-reading.ts';

/** What Lifeboat's store has already, as far as it matters to who moves in. */
export interface Target {
  readonly segments: readonly StoredSegment[];
  readonly hosts: readonly StoredHost[];
  /** Uuids of notifications. */
  readonly notifications: ReadonlySet<string>;
}

export const EMPTY_TARGET: Target = { segments: [], hosts: [], notifications: new Set() };

/** Throws as the store does. */
export async function readTarget(store: StoreReading | undefined): Promise<Target> {
  if (store === undefined) return EMPTY_TARGET;
  const all = { where: [], order: [{ column: 'number', direction: 'asc' }] } as const;
  const notices = await store.listNotices(all);
  return {
    segments: await store.listSegments(all),
    hosts: await store.listHosts(all),
    notifications: new Set(notices.map(({ uuid }) => uuid)),
  };
}
