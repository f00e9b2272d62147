import { nameUuid, numberOfUuid } from './name-uuid.ts';
import type { HostEntry, SegmentEntry } from './registry.ts';

/**
 * The segment of a cloud in which nobody has made one: all hosts that are nodes of the Pacemaker cluster and compute
 * services of Nova. It stands in no table. Masakari's monitors report only of hosts that are in a segment, so without it
 * each of them would have to be registered first. With the first segment that somebody makes it is gone.
 */

const NAMESPACE = '6d1f5e9a-0c6b-5b0e-9c0d-1b6f0a5c7e11';
export const IMPLICIT_SEGMENT_NAME = 'lifeboat';
export const IMPLICIT_SEGMENT_UUID = nameUuid(NAMESPACE, 'segment');

/** Of a host that is in no segment of the store. */
export function implicitHostUuid(host: string): string {
  return nameUuid(NAMESPACE, `host ${host.toLowerCase()}`);
}

/** It was always there. */
const ALWAYS_MS = 0;

export const IMPLICIT_SEGMENT: SegmentEntry = {
  id: numberOfUuid(IMPLICIT_SEGMENT_UUID),
  uuid: IMPLICIT_SEGMENT_UUID,
  name: IMPLICIT_SEGMENT_NAME,
  serviceType: 'compute',
  recoveryMethod: 'auto',
  description: 'All compute hosts of the Pacemaker cluster, for nobody has made a segment',
  enabled: true,
  createdAtMs: ALWAYS_MS,
  updatedAtMs: undefined,
};

export function implicitHost(name: string): HostEntry {
  const uuid = implicitHostUuid(name);
  return {
    id: numberOfUuid(uuid),
    uuid,
    name,
    type: 'COMPUTE',
    controlAttributes: 'SSH',
    reserved: false,
    onMaintenance: false,
    segment: IMPLICIT_SEGMENT,
    createdAtMs: ALWAYS_MS,
    updatedAtMs: undefined,
  };
}
