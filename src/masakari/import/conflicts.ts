import type { Holdings } from '../holdings.ts';
import type { Target } from './target.ts';

/** What keeps Masakari's segments and hosts from standing in Lifeboat's store beside what is there, one sentence each. */
export function findConflicts({ hosts, segments }: Holdings, target: Target): readonly string[] {
  const found: string[] = [];
  for (const segment of segments) {
    const there = target.segments.find(({ name, uuid }) => name === segment.name || uuid === segment.uuid);
    if (there?.declared === true) {
      found.push(
        `the segment ${there.name} is declared in lifeboat.yaml, which wins: take it out of recovery.segments, and start ` +
          'the engine once',
      );
    } else if (there !== undefined && there.uuid !== segment.uuid) {
      found.push(
        `Lifeboat has a segment ${segment.name} of its own (${there.uuid}): rename or delete it, openstack segment delete ` +
          there.uuid,
      );
    }
  }
  const segmentUuids = new Set(segments.map(({ uuid }) => uuid));
  for (const host of hosts) {
    if (!segmentUuids.has(host.segmentUuid))
      found.push(
        `the host ${host.name} is in the segment ${host.segmentUuid}, which is not there: correct it in Masakari`,
      );
    const there = target.hosts.find(
      ({ name, uuid }) => uuid !== host.uuid && name.toLowerCase() === host.name.toLowerCase(),
    );
    if (there !== undefined) {
      found.push(
        `Lifeboat has a host ${there.name} of its own (${there.uuid}): delete it, openstack segment host delete ` +
          `${there.segmentUuid} ${there.uuid}`,
      );
    }
  }
  return found;
}
