import type { Instance } from '../../openstack/cloud.ts';
import { isTrue } from '../select.ts';
import { HIGHEST_PRIORITY, LOWEST_PRIORITY, type Rank } from './rank.ts';
import type { OrderRules, PrioritySource } from './rules.ts';

/** RHOSO's instanceha reads these from the metadata; they count where ours are not given. */
const RHOSO_PRIORITY = 'instanceha:restart_priority';
const RHOSO_GROUP = 'instanceha:restart_group';

export interface RankingFacts {
  readonly rules: OrderRules;
  /** The metadata key that marks an instance (Masakari: HA_Enabled). */
  readonly markKey: string;
  /** Properties by image id; undefined: not known, and that source says nothing. */
  readonly imageProperties: (imageId: string) => Readonly<Record<string, string>> | undefined;
}

/**
 * The ranks of instances that are moved together, by instance id. A group is as important as the most important of its
 * members, and as what starts after it: else the important one would wait for what is sent last.
 */
export function ranksOf(instances: readonly Instance[], facts: RankingFacts): ReadonlyMap<string, Rank> {
  const ranks = new Map(instances.map((instance) => [instance.id, ownRank(instance, facts)]));
  const groups = groupPriorities([...ranks.values()]);
  for (const [id, rank] of ranks) {
    const ofGroup = rank.group === undefined ? undefined : groups.get(rank.group);
    if (ofGroup !== undefined && ofGroup > rank.priority) ranks.set(id, { ...rank, priority: ofGroup });
  }
  return ranks;
}

function groupPriorities(ranks: readonly Rank[]): ReadonlyMap<string, number> {
  const priorities = new Map<string, number>();
  const raise = (group: string, priority: number): boolean => {
    if ((priorities.get(group) ?? 0) >= priority) return false;
    priorities.set(group, priority);
    return true;
  };
  const concerned = ranks.filter(({ group, after }) => group !== undefined || after.length > 0);
  for (let isSettled = false; !isSettled;) {
    isSettled = true;
    for (const { priority, group, after } of concerned) {
      if (group !== undefined && raise(group, priority)) isSettled = false;
      const reached = Math.max(priority, (group === undefined ? undefined : priorities.get(group)) ?? 0);
      for (const before of after) if (raise(before, reached)) isSettled = false;
    }
  }
  return priorities;
}

function ownRank(instance: Instance, facts: RankingFacts): Rank {
  const { rules, markKey } = facts;
  const named = rules.sources.map((source) => priorityBy(source, instance, facts)).find((each) => each !== undefined);
  return {
    priority: named ?? rules.usualPriority,
    marked: isTrue(instance.metadata[markKey]),
    group: word(instance.metadata[rules.groupKey]) ?? word(instance.metadata[RHOSO_GROUP]),
    after: words(instance.metadata[rules.afterKey]),
  };
}

function priorityBy(source: PrioritySource, instance: Instance, facts: RankingFacts): number | undefined {
  const { rules, imageProperties } = facts;
  switch (source) {
    case 'metadata':
      return priorityOf(instance.metadata[rules.priorityKey]) ?? priorityOf(instance.metadata[RHOSO_PRIORITY]);
    case 'flavor':
      return priorityOf(instance.flavorSpecs?.[rules.priorityKey]);
    case 'image':
      return instance.imageId === undefined
        ? undefined
        : priorityOf(imageProperties(instance.imageId)?.[rules.priorityKey]);
    case 'project':
      return Object.hasOwn(rules.projects, instance.projectId) ? rules.projects[instance.projectId] : undefined;
  }
}

/** A whole number; one that is out of range counts as the nearest, as with RHOSO. What is no number says nothing. */
function priorityOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\s*-?\d{1,9}\s*$/.test(text)) return undefined;
  return Math.min(HIGHEST_PRIORITY, Math.max(LOWEST_PRIORITY, Number(text)));
}

function word(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === '' ? undefined : trimmed;
}

function words(text: string | undefined): readonly string[] {
  return [...new Set((text ?? '').split(',').map((each) => each.trim()))].filter((each) => each !== '');
}
