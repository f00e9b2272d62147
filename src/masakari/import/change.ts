import type { HeldHost, HeldRow, HeldSegment } from '../holdings.ts';
import type { Target } from './target.ts';

/** What becomes of one segment or host. */
export type Change<T> =
  | { readonly kind: 'new'; readonly row: T }
  | { readonly kind: 'same'; readonly row: T }
  /** It is there and differs; it stays as it is here. */
  | { readonly kind: 'differs'; readonly row: T; readonly differences: readonly Difference[] };

/** By Masakari's name of the column. */
export interface Difference {
  readonly column: string;
  readonly from: string;
  readonly to: string;
}

export function changeOfSegment(segment: HeldSegment, { segments }: Target): Change<HeldSegment> {
  const there = segments.find(({ uuid }) => uuid === segment.uuid);
  return changeOf(segment, there && segmentFields(there), segmentFields(segment));
}

export function changeOfHost(host: HeldHost, { hosts }: Target): Change<HeldHost> {
  const there = hosts.find(({ uuid }) => uuid === host.uuid);
  return changeOf(host, there && hostFields(there), hostFields(host));
}

type Fields = Readonly<Record<string, string | boolean | undefined>>;

function segmentFields(segment: Omit<HeldSegment, keyof HeldRow>): Fields {
  const { description, enabled, name, recoveryMethod, serviceType } = segment;
  return { name, recovery_method: recoveryMethod, service_type: serviceType, description, enabled };
}

function hostFields(host: Omit<HeldHost, keyof HeldRow>): Fields {
  const { controlAttributes, name, onMaintenance, reserved, segmentUuid, type } = host;
  return {
    name,
    reserved,
    on_maintenance: onMaintenance,
    type,
    control_attributes: controlAttributes,
    failover_segment_id: segmentUuid,
  };
}

function changeOf<T>(row: T, from: Fields | undefined, to: Fields): Change<T> {
  if (from === undefined) return { kind: 'new', row };
  const differences = Object.keys(to)
    .filter((column) => from[column] !== to[column])
    .map((column) => ({ column, from: String(from[column] ?? ''), to: String(to[column] ?? '') }));
  return differences.length === 0 ? { kind: 'same', row } : { kind: 'differs', row, differences };
}
