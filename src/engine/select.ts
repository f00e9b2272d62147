import type { Instance } from '../openstack/cloud.ts';
import type { Image } from '../openstack/inventory.ts';

/** Which instances an operator wants recovered. */
export interface Selection {
  readonly select: 'all' | 'marked' | 'tagged';
  /** With `marked`: the instance metadata key that must be true (Masakari: HA_Enabled). */
  readonly markKey: string;
  /** With `tagged`: the extra spec of the flavor, or the property or tag of the image (NovaEvacuate: evacuable). */
  readonly tag?: string;
  readonly excludeNames: readonly RegExp[];
  readonly excludeProjects: readonly string[];
}

/** What is known of flavors and images, for a selection by tag. */
export interface Tagged {
  /** Some flavor or image of the cloud has the tag; undefined: they could not be read so far. */
  readonly anything: boolean | undefined;
  readonly image: (id: string) => Image | undefined;
}

export const USUAL_TAG = 'evacuable';
export const NOT_READ: Tagged = { anything: undefined, image: () => undefined };

/** Why the instance is left where it is, or undefined when it is to be moved. */
export function reasonToLeave(instance: Instance, selection: Selection, tagged: Tagged): string | undefined {
  if (selection.excludeProjects.includes(instance.projectId)) return `its project ${instance.projectId} is excluded`;
  const name = selection.excludeNames.find((pattern) => pattern.test(instance.name));
  if (name !== undefined) return `its name matches the exclusion ${name.source}`;
  switch (selection.select) {
    case 'all':
      return undefined;
    case 'marked':
      if (isTrue(instance.metadata[selection.markKey])) return undefined;
      return `its metadata has no ${selection.markKey}=True`;
    case 'tagged':
      return reasonByTag(instance, selection.tag ?? USUAL_TAG, tagged);
  }
}

/** As NovaEvacuate: where nothing in the cloud is tagged everything is moved, and so it is while that is not known. */
function reasonByTag(instance: Instance, tag: string, { anything, image }: Tagged): string | undefined {
  if (anything !== true || isTrue(instance.flavorSpecs?.[tag])) return undefined;
  const madeFrom = instance.imageId === undefined ? undefined : image(instance.imageId);
  if (madeFrom !== undefined && isTaggedImage(madeFrom, tag)) return undefined;
  return `neither its flavor nor its image is tagged ${tag}`;
}

export function isTaggedImage({ properties, tags }: Image, tag: string): boolean {
  return tags.includes(tag) || isTrue(properties[tag]);
}

/** Masakari accepts any writing of true (oslo.utils strutils, strict). */
export function isTrue(value: string | undefined): boolean {
  return value !== undefined && ['1', 't', 'true', 'on', 'y', 'yes'].includes(value.trim().toLowerCase());
}
