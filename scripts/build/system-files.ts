import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { parseCommand } from '../../src/cli/command.ts';
import { USAGE } from '../../src/cli/usage.ts';
import { VARIABLES } from '../../src/config/variables.ts';
import { parseMonitorCommand } from '../../src/monitor/cli/command.ts';
import { USAGE as MONITOR_USAGE } from '../../src/monitor/cli/usage.ts';
import { commandLines } from './commands/command-line.ts';
import { readUsage } from './commands/usage.ts';
import { bashCompletion } from './completion/bash.ts';
import { zshCompletion } from './completion/zsh.ts';
import { environmentFile } from './environment-file.ts';
import { manualPages } from './manual/pages.ts';

export interface SystemFile {
  /** Where it is installed, absolute. */
  readonly path: string;
  readonly content: string | Buffer;
  readonly mode?: number;
}

/** What the rest of the system wants of a program: manual, completion, units, rotation of logs. */
export async function systemFiles(repository: string): Promise<readonly SystemFile[]> {
  const packaging = (path: string): string => readFileSync(`${repository}/packaging/${path}`, 'utf8');
  const units = readdirSync(`${repository}/packaging/systemd`).filter((name) => name.endsWith('.service'));
  return [
    ...(await manualPages(repository)).map(({ path, text }) => ({
      path: `/usr/share/man/${path}.gz`,
      content: gzipSync(text, { level: 9 }),
    })),
    ...completion(USAGE, (words) => parseCommand(words).verb !== 'misuse'),
    ...completion(MONITOR_USAGE, (words) => parseMonitorCommand(words).verb !== 'misuse'),
    ...units
      .toSorted()
      .map((name) => ({ path: `/usr/lib/systemd/system/${name}`, content: packaging(`systemd/${name}`) })),
    {
      path: '/usr/lib/lifeboat/may-start-alone',
      content: packaging('lib/may-start-alone'),
      mode: 0o755,
    },
    { path: '/usr/lib/tmpfiles.d/lifeboat.conf', content: packaging('etc/lifeboat.tmpfiles') },
    { path: '/etc/logrotate.d/lifeboat', content: packaging('etc/lifeboat.logrotate') },
    { path: '/etc/default/lifeboatd', content: environmentFile('lifeboatd', VARIABLES) },
  ];
}

function completion(text: string, isUnderstood: (words: readonly string[]) => boolean): readonly SystemFile[] {
  const usage = readUsage(text);
  const commands = commandLines(usage, isUnderstood);
  const { program } = usage;
  return [
    { path: `/usr/share/bash-completion/completions/${program}`, content: bashCompletion(program, commands) },
    { path: `/usr/share/zsh/vendor-completions/_${program}`, content: zshCompletion(program, commands) },
  ];
}
