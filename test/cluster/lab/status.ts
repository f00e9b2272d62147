import { existsSync, readFileSync } from 'node:fs';
import { isFrozen, processesOf } from './cgroup.ts';
import { cutMark, nodeCgroup } from './layout.ts';
import type { Layout } from './layout.ts';
import { readPlan } from './plan.ts';
import { powerOf } from './power.ts';

/** One line per node: power, what is wrong with it on purpose, processes, and memory as each process's fair share. */
export function statusOf(layout: Layout): string {
  const lines = readPlan(layout).nodes.map(({ name, address }) => {
    const group = nodeCgroup(layout, name);
    const processes = processesOf(group);
    const megabytes = processes.reduce((sum, pid) => sum + shareKb(pid), 0) / 1024;
    const trouble = [isFrozen(group) ? 'frozen' : '', existsSync(cutMark(layout, name)) ? 'cut off' : ''];
    const words = [name, address, powerOf(layout, name), ...trouble.filter(Boolean)];
    return `${words.join(' ')}, ${processes.length} processes, ${megabytes.toFixed(1)} MB\n`;
  });
  return lines.join('');
}

function shareKb(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // it ended between the two looks
  }
}
