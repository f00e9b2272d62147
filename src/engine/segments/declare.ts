import { isDeepStrictEqual } from 'node:util';
import type { Logger, Randomness } from '../../ports.ts';
import type { Store } from '../store/store.ts';
import type { Segment, SegmentHost } from './segment.ts';

/** As an operator writes them, without the ids that the store gives. */
export interface DeclaredSegment extends Omit<Segment, 'uuid' | 'declared' | 'hosts'> {
  readonly hosts: readonly Omit<SegmentHost, 'uuid'>[];
}

/**
 * Brings what lifeboat.yaml declares into the store, and answers all that the store has then. For a segment that the file
 * names the file wins; ids stay. What the file named once and does not name any more is removed, and what somebody else put
 * there stays, but for hosts that the file has in a segment of its own.
 */
export async function declareSegments(
  declared: readonly DeclaredSegment[],
  { logger, randomness, store }: { readonly logger: Logger; readonly randomness: Randomness; readonly store: Store },
): Promise<readonly Segment[]> {
  const known = await store.segments();
  const uuids = new Map(known.flatMap(({ hosts }) => hosts.map(({ name, uuid }) => [name, uuid] as const)));
  const ours = declared.map((segment): Segment => ({
    ...segment,
    uuid: known.find(({ name }) => name === segment.name)?.uuid ?? randomness.uuid(),
    declared: true,
    hosts: segment.hosts.map((host) => ({ ...host, uuid: uuids.get(host.name) ?? randomness.uuid() })),
  }));
  const names = new Set(ours.map(({ name }) => name));
  const claimed = new Set(ours.flatMap(({ hosts }) => hosts.map(({ name }) => name)));
  const others = known
    .filter((segment) => !names.has(segment.name) && !segment.declared)
    .map((segment): Segment => ({ ...segment, hosts: segment.hosts.filter(({ name }) => !claimed.has(name)) }));
  const all = [...ours, ...others];
  if (!isDeepStrictEqual(all, known)) {
    await store.replaceSegments(all);
    logger.info(
      { segments: all.length },
      `${all.length} segments: ${all.map(({ name }) => name).join(', ') || 'none'}`,
    );
  }
  return all;
}
