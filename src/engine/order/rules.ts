import { USUAL_PRIORITY } from './rank.ts';

/** What may name the priority of an instance. */
export const PRIORITY_SOURCES = ['metadata', 'flavor', 'image', 'project'] as const;
export type PrioritySource = (typeof PRIORITY_SOURCES)[number];

/** How an operator wants instances ordered. */
export interface OrderRules {
  /** In this order; the first that names a priority decides. */
  readonly sources: readonly PrioritySource[];
  /** The key in metadata, in the flavor's extra specs and among the image's properties. */
  readonly priorityKey: string;
  /** Metadata key: the group that the instance belongs to. */
  readonly groupKey: string;
  /** Metadata key: the groups that it starts after, with commas between them. */
  readonly afterKey: string;
  /** Priority by project id. */
  readonly projects: Readonly<Record<string, number>>;
  readonly usualPriority: number;
  /** An instance waits this long for the groups before it, then it is sent all the same. */
  readonly groupTimeoutMs: number;
}

export const USUAL_ORDER: OrderRules = {
  sources: ['metadata', 'flavor', 'project'],
  priorityKey: 'lifeboat:priority',
  groupKey: 'lifeboat:group',
  afterKey: 'lifeboat:start_after',
  projects: {},
  usualPriority: USUAL_PRIORITY,
  groupTimeoutMs: 300_000,
};
