import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { isPopulated, removeCgroup } from './cgroup.ts';
import { runCommand } from './host-command.ts';
import { LabError } from './lab-error.ts';
import { planFile } from './layout.ts';
import type { Layout } from './layout.ts';
import { namespacesOf, removeNetwork } from './network.ts';
import { isOwnedByAnother, readPlanIfThere } from './plan.ts';

const OWN_ENTRIES = new Set(['lab.json', 'lab.json.new', 'bmc', 'bmc.out', 'power.jsonl', 'nodes', 'layers']);

/**
 * Removes everything of a lab: its processes (found by its own control group only), networks, mounts, folder. It needs
 * no record of how far a start or a removal came, so it also clears what a killed run left.
 */
export async function removeLab(layout: Layout): Promise<void> {
  refuseStrangeFolder(layout);
  await removeCgroup(layout.cgroup);
  await removeNetwork(layout);
  for (const mount of mountsBelow(layout.dir)) await runCommand(['umount', '-l', mount], { allowFailure: true });
  rmSync(layout.dir, { recursive: true, force: true });
}

/** What is left of a lab on this machine, in words; empty when nothing is. */
export function remainsOf(layout: Layout): readonly string[] {
  return [
    ...(existsSync(layout.cgroup) ? [`control group ${layout.cgroup}`] : []),
    ...namespacesOf(layout).map((name) => `network namespace ${name}`),
    ...mountsBelow(layout.dir).map((mount) => `mount ${mount}`),
    ...(existsSync(layout.dir) ? [`folder ${layout.dir}`] : []),
  ];
}

/** Throws LabError `in-use` when a lab of this name lives and belongs to somebody else. */
export function refuseLabInUse(layout: Layout): void {
  const owner = readPlanIfThere(layout)?.owner;
  if (owner === undefined || !isPopulated(layout.cgroup)) return;
  if (owner.kind === 'detached') {
    throw new LabError('in-use', `the lab "${layout.name}" is up; take it down first`);
  }
  if (isOwnedByAnother(owner)) {
    throw new LabError('in-use', `the lab "${layout.name}" belongs to the running process ${owner.pid}`);
  }
}

/** A mistyped folder must not be emptied: it is removed only if nothing but a lab's own entries is in it. */
function refuseStrangeFolder(layout: Layout): void {
  if (!existsSync(layout.dir) || existsSync(planFile(layout))) return;
  const stranger = readdirSync(layout.dir).find((entry) => !OWN_ENTRIES.has(entry));
  if (stranger === undefined) return;
  throw new LabError('bad-argument', `${layout.dir} is no lab's folder: it holds ${stranger}`);
}

function mountsBelow(folder: string): readonly string[] {
  const points = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  return points.filter((point) => point.startsWith(`${folder}/`)).reverse();
}
