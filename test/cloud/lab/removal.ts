import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { isPopulated, removeCgroup } from '../../cluster/lab/cgroup.ts';
import { LabError } from '../../cluster/lab/lab-error.ts';
import { isOwnedByAnother } from '../../cluster/lab/plan.ts';
import { DEFAULT_ROOT, planFile } from './layout.ts';
import type { CloudLayout } from './layout.ts';
import { readPlanIfThere } from './plan.ts';

/**
 * Removes everything of a cloud: its processes (found by its own control group only) and its folder. It needs no record
 * of how far a start or a removal came, so it also clears what a killed run left. Nothing is stopped in order: nothing
 * of it is kept.
 */
export async function removeCloud(layout: CloudLayout): Promise<void> {
  dismissGuard(layout);
  await removeCgroup(layout.cgroup);
  rmSync(layout.dir, { recursive: true, force: true });
  if (existsSync(DEFAULT_ROOT) && readdirSync(DEFAULT_ROOT).length === 0) rmSync(DEFAULT_ROOT, { recursive: true });
}

/** What is left of a cloud on this machine, in words; empty when nothing is. */
export function remainsOf(layout: CloudLayout): readonly string[] {
  return [
    ...(existsSync(layout.cgroup) ? [`control group ${layout.cgroup}`] : []),
    ...(existsSync(layout.dir) ? [`folder ${layout.dir}`] : []),
  ];
}

/** Throws LabError `in-use` when a cloud of this name lives and belongs to somebody else. */
export function refuseCloudInUse(layout: CloudLayout): void {
  if (!isPopulated(layout.cgroup)) return;
  const owner = readPlanIfThere(layout)?.owner;
  if (owner === undefined) return;
  if (owner.kind === 'detached') {
    throw new LabError('in-use', `the cloud "${layout.name}" is up (${planFile(layout)}); take it down first`);
  }
  if (isOwnedByAnother(owner)) {
    throw new LabError('in-use', `the cloud "${layout.name}" belongs to the running process ${owner.pid}`);
  }
}

const guards = new Map<string, ChildProcess>();

// A killed process leaves a little behind for some milliseconds, so the folders are tried until they are gone.
const GUARD = `
  read -r word && exit 0
  cgroup=$1 dir=$2 owner=$3
  grep -q '"pid": '"$owner," "$dir/cloud.json" || exit 0
  echo 1 >"$cgroup/cgroup.kill"
  for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null
    [ -d "$cgroup" ] || break
    sleep 0.1
  done
  rm -rf "$dir"`;

/**
 * Takes the cloud down when this process ends, however it ends: a shell outside the cloud waits for the end of a pipe
 * that only this process holds open. A cloud that somebody else has started under the name meanwhile is left alone.
 */
export function guard(layout: CloudLayout): void {
  const child = spawn(
    '/bin/sh',
    ['-c', GUARD, 'lifeboat-cloud-guard', layout.cgroup, layout.dir, String(process.pid)],
    {
      detached: true,
      cwd: '/',
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  );
  child.stdin?.on('error', () => {}); // the guard was killed; `down` still works
  child.unref();
  (child.stdin as { unref?: () => void } | null)?.unref?.();
  guards.set(layout.cgroup, child);
}

function dismissGuard(layout: CloudLayout): void {
  guards.get(layout.cgroup)?.stdin?.end('down\n');
  guards.delete(layout.cgroup);
}
