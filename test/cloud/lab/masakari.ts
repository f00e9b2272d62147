import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { killCgroup } from '../../cluster/lab/cgroup.ts';
import { LabError } from '../../cluster/lab/lab-error.ts';
import type { MasakariLab } from './cloud-lab.ts';
import { etcFile, overlayFolder, serviceCgroup } from './layout.ts';
import type { CloudLayout } from './layout.ts';
import type { CloudPlan } from './plan.ts';
import { waitForService } from './process.ts';
import { isAnswering } from './probe.ts';
import { isReady, startMasakariApi, startMasakariEngine } from './services.ts';

const PACKAGE = '/usr/lib/python3/dist-packages/masakari';
const BROKEN = 'self.read_deleted = read_deleted';
const MENDED = "self.read_deleted = 'no' if read_deleted is None else read_deleted";

/**
 * A copy of Debian's Masakari with the one line that it needs. Its oslo.messaging rebuilds a context without this key
 * when an event is sent, and every write to the API sends one: without the mend each is answered with 500. Masakari's
 * later versions have it.
 */
export function mendMasakari(layout: CloudLayout): void {
  const copy = join(overlayFolder(layout), 'masakari');
  mkdirSync(overlayFolder(layout), { recursive: true });
  cpSync(PACKAGE, copy, { recursive: true, filter: (path) => !/\/(tests|__pycache__)$/.test(path) });
  const file = join(copy, 'context.py');
  const source = readFileSync(file, 'utf8');
  if (source.includes(MENDED)) return;
  if (!source.includes(BROKEN))
    throw new LabError('boot-failed', 'this Masakari is unknown: context.py cannot be mended');
  writeFileSync(file, source.replace(BROKEN, MENDED));
}

export async function startMasakari(layout: CloudLayout, plan: CloudPlan): Promise<void> {
  mendMasakari(layout);
  startMasakariApi(layout, plan);
  startMasakariEngine(layout, plan);
  const url = `http://${plan.address}:${plan.ports.masakari}/`;
  await waitForService(layout, 'masakari-api', () => isAnswering(layout, plan, url));
  await waitForService(layout, 'masakari-engine', () => isReady(layout, 'masakari-engine'));
}

export function connectMasakari(layout: CloudLayout, plan: CloudPlan): MasakariLab {
  return {
    endpoint: `http://${plan.address}:${plan.ports.masakari}/v1`,
    configure: async (lines) => {
      const content = ['[DEFAULT]', ...lines, ''].join('\n');
      const file = etcFile(layout, 'masakari/extra.conf');
      const isRunning = existsSync(serviceCgroup(layout, 'masakari-engine'));
      if (isRunning && readFileSync(file, 'utf8') === content) return;
      writeFileSync(file, content, { mode: 0o600 });
      await killCgroup(serviceCgroup(layout, 'masakari-engine'));
      startMasakariEngine(layout, plan);
      await waitForService(layout, 'masakari-engine', () => isReady(layout, 'masakari-engine'));
    },
  };
}
