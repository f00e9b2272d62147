import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { configExample } from '../../src/config/example.ts';
import { monitorExample, monitorReference } from '../../src/config/monitor/documents.ts';
import { configReference } from '../../src/config/reference.ts';
import { SOCKET_NAME, RUNTIME_DIRECTORY, WAKE_FILE_NAME } from '../../src/config/paths.ts';
import { buildExecutable, type Executable } from './executable.ts';
import { copyrightNotice } from './licences.ts';
import { installRuntime, runtimePath } from './runtime.ts';
import { systemFiles } from './system-files.ts';

const RUNTIME = '/usr/lib/lifeboat/bin/node';
const DOCUMENTS = '/usr/share/doc/lifeboat';
const MONITOR_DOCUMENTS = '/usr/share/doc/lifeboat-monitor';

const EXECUTABLES: readonly Executable[] = [
  { entry: 'src/cli/main.ts', installAt: '/usr/bin/lifeboat' },
  {
    entry: 'src/lifeboat-monitor.ts',
    installAt: '/usr/sbin/lifeboat-monitor',
    // It does little, on hosts whose memory is for guests. With 200 of them: 92 MB RSS without all of this, and 0.2 % of a core.
    before: 'export MALLOC_ARENA_MAX=1 UV_THREADPOOL_SIZE=2',
    nodeOptions: ['--max-semi-space-size=1', '--v8-pool-size=1', '--optimize-for-size'],
  },
  { entry: 'resource-agents/engine.ts', installAt: '/usr/lib/ocf/resource.d/lifeboat/engine' },
  { entry: 'resource-agents/monitor.ts', installAt: '/usr/lib/ocf/resource.d/lifeboat/monitor' },
  {
    entry: 'resource-agents/alert.ts',
    installAt: '/usr/share/pacemaker/alerts/alert_lifeboat',
    // Every cluster node runs every alert, and the engine is on one of them: the others need no Node for it. Nor does
    // that one, when the daemon has its wake file: see src/control/wake-file.ts.
    before: [
      `[ -z "$CRM_alert_kind" ] || {`,
      `S="\${CRM_alert_recipient:-${RUNTIME_DIRECTORY}/${SOCKET_NAME}}"; [ -S "$S" ] || exit 0;`,
      `W="\${S%/*}/${WAKE_FILE_NAME}"; [ -w "$W" ] && echo "$CRM_alert_kind" >>"$W" && exit 0; }`,
    ].join(' '),
  },
];

export interface BuildOptions {
  readonly repository: string;
  readonly outDirectory: string;
  /** Where `outDirectory` will be laid: empty for /, or a folder for a trial installation. */
  readonly prefix?: string;
  /** The daemon's entry point, relative to the repository or absolute. */
  readonly daemonEntry?: string;
  /** As Node names it: x64 or arm64. */
  readonly architecture?: string;
}

/**
 * Builds Lifeboat as it is installed: laying `outDirectory` over / installs it on a node that has no Node.js. The same
 * sources and lock file give the same bytes. What was in `outDirectory` is removed first.
 */
export async function buildLayout(options: BuildOptions): Promise<void> {
  const { repository, outDirectory, prefix = '', architecture = process.arch } = options;
  const daemon: Executable = { entry: options.daemonEntry ?? 'src/lifeboatd.ts', installAt: '/usr/sbin/lifeboatd' };
  const runtime = runtimePath(repository, architecture);
  rmSync(outDirectory, { recursive: true, force: true });
  const bundled = new Set<string>();
  for (const executable of [daemon, ...EXECUTABLES]) {
    const folders = await buildExecutable(executable, { repository, outDirectory, prefix, runtime: RUNTIME });
    for (const folder of folders) bundled.add(folder);
  }
  installRuntime(runtime, `${outDirectory}${RUNTIME}`);
  writeDocument(`${outDirectory}/etc/lifeboat`, 'lifeboat.yaml.example', configExample());
  writeDocument(`${outDirectory}/etc/lifeboat`, 'monitor.yaml.example', monitorExample());

  const documents = `${outDirectory}${DOCUMENTS}`;
  writeDocument(documents, 'configuration.md', configReference());
  writeDocument(documents, 'monitor-configuration.md', monitorReference());
  writeDocument(`${documents}/examples`, 'lifeboat.yaml', configExample());
  writeDocument(`${documents}/examples`, 'monitor.yaml', monitorExample());
  copyFileSync(`${repository}/LICENSE`, `${documents}/LICENSE`);
  const runtimeFolder = resolve(dirname(runtime), '..');
  writeDocument(documents, 'copyright', copyrightNotice(repository, [...bundled].toSorted(), runtimeFolder));
  const units = `${repository}/packaging/systemd`;
  for (const dropIn of readdirSync(units).filter((name) => name.endsWith('.service.d'))) {
    const examplesOfUnits = `${outDirectory}${MONITOR_DOCUMENTS}/examples/systemd`;
    cpSync(`${units}/${dropIn}`, `${examplesOfUnits}/${dropIn}`, { recursive: true });
  }
  const examples = `${repository}/resource-agents/examples`;
  for (const name of readdirSync(examples).toSorted()) {
    copyFileSync(`${examples}/${name}`, `${documents}/examples/${name}`);
    chmodSync(`${documents}/examples/${name}`, name.endsWith('.sh') ? 0o755 : 0o644);
  }

  for (const { path, content, mode = 0o644 } of await systemFiles(repository)) {
    mkdirSync(dirname(`${outDirectory}${path}`), { recursive: true });
    writeFileSync(`${outDirectory}${path}`, content, { mode });
  }
}

function writeDocument(directory: string, name: string, text: string): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(`${directory}/${name}`, text, { mode: 0o644 });
}
