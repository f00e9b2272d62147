import type { NewNotice, Notice, NoticeChange } from '../registry/notice.ts';
import type { Recovery } from '../recovery.ts';
import type { Entry, NewHost, SegmentEntry } from '../registry/registry.ts';
import type { Segment, SegmentHost } from '../segments/segment.ts';
import type { MovedIn } from './move-in.ts';
import type { ListedColumn, RowQuery } from './row-query.ts';

export interface StoredSegment extends SegmentEntry {
  /** Stands in lifeboat.yaml, which wins. */
  readonly declared: boolean;
}

export interface StoredHost extends Entry, NewHost {
  readonly segmentUuid: string;
}

/**
 * What Masakari's API shows and changes. As all of the store: what is written is on disk when it resolves, all or none,
 * under the lease; the same write made again ends the same. Times of rows are by the clock of the store.
 */
export interface RegistryStore {
  listSegments(query: RowQuery<ListedColumn<'segment'>>): Promise<readonly StoredSegment[]>;
  listHosts(query: RowQuery<ListedColumn<'segment_host'>>): Promise<readonly StoredHost[]>;
  listNotices(query: RowQuery<ListedColumn<'notice'>>): Promise<readonly Notice[]>;

  recoveryBy(id: string): Promise<Recovery | undefined>;

  /** Without hosts, after all others. */
  addSegment(segment: Omit<Segment, 'hosts'>): Promise<void>;
  saveSegment(segment: Omit<Segment, 'hosts'>): Promise<void>;
  /** With its hosts. */
  removeSegment(uuid: string): Promise<void>;
  addHost(segmentUuid: string, host: SegmentHost): Promise<void>;
  saveHost(host: SegmentHost): Promise<void>;
  removeHost(uuid: string): Promise<void>;

  /** What another system had registered. What is there already, by uuid, stays as it is. */
  moveIn(moved: MovedIn): Promise<void>;

  addNotice(notice: NewNotice): Promise<Notice>;
  saveNotice(change: NoticeChange): Promise<void>;
  /** From now on its status and message are those of the recovery. */
  joinNotice(uuid: string, recovery: Recovery): Promise<void>;
  /** Removes notices that were reported or imported, have ended before and belong to no recovery; answers how many. */
  forgetNotices(beforeMs: number, limit: number): Promise<number>;
}
