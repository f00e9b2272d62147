import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { LabError } from './lab-error.ts';
import { planFile } from './layout.ts';
import type { Layout } from './layout.ts';
import type { LabNode } from './options.ts';

/** Who a lab belongs to. A pid alone is no name, because pids come back; with its start time it is. */
export type Owner =
  { readonly kind: 'detached' } | { readonly kind: 'process'; readonly pid: number; readonly startTicks: string };

/** What was decided when the lab was started; every process that works with the lab reads it from its folder. */
export interface Plan {
  readonly nodes: readonly LabNode[];
  /** Folders over /usr, the first on top. */
  readonly usrLayers: readonly string[];
  readonly cloudBeatPort: number | null;
  readonly owner: Owner;
}

export function writePlan(layout: Layout, plan: Plan): void {
  const file = planFile(layout);
  writeFileSync(`${file}.new`, JSON.stringify(plan, null, 2));
  renameSync(`${file}.new`, file);
}

/** Throws LabError `not-up` when no lab of that name was started. */
export function readPlan(layout: Layout): Plan {
  const plan = readPlanIfThere(layout);
  if (plan === undefined) throw new LabError('not-up', `no lab "${layout.name}" is up`);
  return plan;
}

/** Undefined also when a crash left half a file: then there is nothing to go on with, only something to remove. */
export function readPlanIfThere(layout: Layout): Plan | undefined {
  try {
    return JSON.parse(readFileSync(planFile(layout), 'utf8')) as Plan;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function findNode(plan: Plan, name: string): LabNode {
  const node = plan.nodes.find((candidate) => candidate.name === name);
  if (node !== undefined) return node;
  const names = plan.nodes.map((candidate) => candidate.name).join(', ');
  throw new LabError('unknown-node', `"${name}" is no node of this lab; its nodes are ${names}`);
}

export function ownerOf(kind: Owner['kind']): Owner {
  if (kind === 'detached') return { kind };
  return { kind, pid: process.pid, startTicks: startTicksOf(process.pid) ?? '' };
}

/** Whether another process still works with the lab. A detached lab has no such process. */
export function isOwnedByAnother(owner: Owner): boolean {
  if (owner.kind === 'detached' || owner.pid === process.pid) return false;
  return startTicksOf(owner.pid) === owner.startTicks;
}

function startTicksOf(pid: number): string | undefined {
  try {
    // Field 22, counted behind the command's name, which may itself hold blanks and parentheses.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
  } catch {
    return undefined;
  }
}
