import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isFrozen, processesOf } from '../../cluster/lab/cgroup.ts';
import { serviceCgroup } from './layout.ts';
import type { CloudLayout } from './layout.ts';

/** One line per service: processes, and memory as each process's fair share. */
export function statusOf(layout: CloudLayout): string {
  if (!existsSync(layout.cgroup)) return '';
  const groups = readdirSync(layout.cgroup, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const names = groups.map((entry) => entry.name).filter((name) => name !== 'tools');
  let total = 0;
  const lines = names.sort().map((name) => {
    const group = serviceCgroup(layout, name);
    const pids = processesOf(group);
    const megabytes = pids.reduce((sum, pid) => sum + shareKb(pid), 0) / 1024;
    total += megabytes;
    const state = pids.length === 0 ? 'dead' : isFrozen(group) ? 'frozen' : 'running';
    return `${name.padEnd(26)} ${state.padEnd(8)} ${megabytes.toFixed(1).padStart(7)} MB  pid ${pids.join(' ')}\n`;
  });
  return `${lines.join('')}${'total'.padEnd(35)} ${total.toFixed(1).padStart(7)} MB\n`;
}

function shareKb(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // it ended between the two looks
  }
}
