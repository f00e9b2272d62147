import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildLayout } from '../../scripts/build/layout.ts';

export interface TrialInstallation {
  /** Stands for /. */
  readonly root: string;
  readonly engine: string;
  /** The agent. */
  readonly monitor: string;
  readonly alert: string;
  readonly command: string;
  readonly daemon: string;
  readonly runtime: string;
  remove(): void;
}

/** Builds and installs into a new folder under the temporary one, with what `daemonEntry` builds to as lifeboatd. */
export async function trialInstallation(daemonEntry: string): Promise<TrialInstallation> {
  const above = mkdtempSync(join(tmpdir(), 'lifeboat-trial-'));
  // The daemon may run as another user, who has to reach it.
  chmodSync(above, 0o755);
  const root = join(above, 'root');
  const repository = resolve(import.meta.dirname, '../..');
  await buildLayout({ repository, outDirectory: root, prefix: root, daemonEntry });
  return {
    root,
    engine: join(root, 'usr/lib/ocf/resource.d/lifeboat/engine'),
    monitor: join(root, 'usr/lib/ocf/resource.d/lifeboat/monitor'),
    alert: join(root, 'usr/share/pacemaker/alerts/alert_lifeboat'),
    command: join(root, 'usr/bin/lifeboat'),
    daemon: join(root, 'usr/sbin/lifeboatd'),
    runtime: join(root, 'usr/lib/lifeboat/bin/node'),
    remove: () => {
      rmSync(above, { recursive: true, force: true });
    },
  };
}
