import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../src/errors.ts';
import { openLab } from '../../test/cluster/lab/index.ts';
import type { Screen } from './screen.ts';

/** After a failure or Ctrl-C: keeps the logs in a folder that it names, and takes the lab down, however far it came. */
export async function clearAway(screen: Screen, name: string): Promise<void> {
  let lab;
  try {
    lab = openLab(name);
  } catch {
    return; // nothing was started yet; what half a start left, the next start removes
  }
  try {
    const folder = mkdtempSync(join(tmpdir(), 'lifeboat-demo-'));
    lab.keepLogs(folder);
    screen.line(`the logs of all nodes are in ${folder}`);
  } catch (error) {
    screen.line(`the logs could not be kept: ${messageOf(error)}`);
  }
  await lab.down();
  screen.line('the lab is down');
}
