import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { Rig } from './rig.ts';

const LINES = 60;

/**
 * For a describe block: when a test has failed, what the cluster shows then and the last that each controller's Pacemaker
 * decided is printed, and all logs are kept. What Pacemaker waited for cannot be told from a deadline that was missed.
 */
export function tellFailure(rigNow: () => Rig | undefined): void {
  afterEach(async ({ task }) => {
    const rig = rigNow();
    if (task.result?.state !== 'fail' || rig === undefined) return;
    const folder = mkdtempSync(join(tmpdir(), 'lifeboat-failed-'));
    rig.lab.keepLogs(folder);
    const told = [`${task.name}: the logs are kept in ${folder}`, await rig.lab.crmMon().catch(String)];
    for (const { name, role } of rig.lab.nodes) {
      if (role === 'controller') told.push(`pacemaker.log of ${name}:`, ...decisionsIn(join(folder, name)));
    }
    process.stdout.write(`${told.join('\n')}\n`);
  });
}

function decisionsIn(folder: string): readonly string[] {
  try {
    const text = readFileSync(join(folder, 'pacemaker/pacemaker.log'), 'utf8');
    return text
      .split('\n')
      .filter((line) => /(schedulerd|controld|fenced)\s.*\b(notice|warning|error|crit):/.test(line))
      .slice(-LINES);
  } catch (error) {
    return [String(error)];
  }
}
