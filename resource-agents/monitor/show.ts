import { spawn } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MonitorCall } from './parameters.ts';

export const ATTRIBUTE = 'lifeboat-monitor';

/** Pacemaker erases a remote node's attributes when it rejoins: after so long it is written once more. */
const FRESH_MS = 60_000;
const PATIENCE_MS = 5_000;

/** Shows the text as an attribute of this node, unless that was just done. Never fails: it is for people to read. */
export async function show(text: string, call: MonitorCall): Promise<void> {
  const memory = join(call.parameters.runtime_directory, 'shown');
  if (wasShown(memory, text)) return;
  if (!(await update(['--update', text]))) return;
  try {
    writeFileSync(memory, text);
  } catch {
    // It is written again the next time.
  }
}

/** Nothing is to be shown any more. */
export async function hide(): Promise<void> {
  await update(['--delete']);
}

function wasShown(memory: string, text: string): boolean {
  try {
    return readFileSync(memory, 'utf8') === text && Date.now() - statSync(memory).mtimeMs < FRESH_MS;
  } catch {
    return false;
  }
}

/** By Pacemaker's own command, which knows what this node is called. Answers whether it has succeeded. */
function update(change: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn('attrd_updater', ['--name', ATTRIBUTE, ...change], {
      stdio: 'ignore',
      timeout: PATIENCE_MS,
      // Without OCF_RESKEY_CRM_meta_on_node, which 2.1.5 mistakes for a question about that node only.
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    });
    child.on('error', () => {
      resolve(false);
    });
    child.on('close', (code) => {
      resolve(code === 0);
    });
  });
}
