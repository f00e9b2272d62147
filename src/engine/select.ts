import type { Instance } from '../openstack/cloud.ts';

/** Which instances an operator wants recovered. */
export interface Selection {
  readonly select: 'all' | 'marked';
  /** With `marked`: the instance metadata key that must be true (Masakari: HA_Enabled). */
  readonly markKey: string;
  readonly excludeNames: readonly RegExp[];
  readonly excludeProjects: readonly string[];
}

/** Why the instance is left where it is, or undefined when it is to be moved. */
export function reasonToLeave(instance: Instance, selection: Selection): string | undefined {
  if (selection.excludeProjects.includes(instance.projectId)) return `its project ${instance.projectId} is excluded`;
  const name = selection.excludeNames.find((pattern) => pattern.test(instance.name));
  if (name !== undefined) return `its name matches the exclusion ${name.source}`;
  if (selection.select === 'marked' && !isTrue(instance.metadata[selection.markKey])) {
    return `its metadata has no ${selection.markKey}=True`;
  }
  return undefined;
}

/** Masakari accepts any writing of true (oslo.utils strutils, strict). */
export function isTrue(value: string | undefined): boolean {
  return value !== undefined && ['1', 't', 'true', 'on', 'y', 'yes'].includes(value.trim().toLowerCase());
}
