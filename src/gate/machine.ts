import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Linux counts the times in /proc in these for programs, whatever the kernel's own tick is. */
const TICKS_PER_SECOND = 100;

/**
 * When this machine began to run, milliseconds since the epoch: the start of its first process, as this program sees it.
 * In a container with processes of its own that is the container's, which is later than the machine's: more is in doubt
 * then, never less.
 */
export function bootedAtMs(read: (path: string) => string = readText): number {
  const bootSeconds = Number(/^btime (\d+)$/m.exec(read('/proc/stat'))?.[1]);
  // The second field is the program's name in parentheses, and may hold blanks and parentheses itself.
  const fields = read('/proc/1/stat')
    .replace(/^.*\)\s/s, '')
    .split(' ');
  const ticks = Number(fields[19]);
  if (!Number.isFinite(bootSeconds) || !Number.isFinite(ticks)) return Number.POSITIVE_INFINITY;
  return bootSeconds * 1_000 + (ticks / TICKS_PER_SECOND) * 1_000;
}

export const NOVA_CONF = '/etc/nova/nova.conf';

/**
 * This host as Nova names it: what was said, else `host` of [DEFAULT] in nova.conf, else the machine's name, which is
 * Nova's own default.
 */
export function novaHostName(said: string | undefined, read: (path: string) => string = readText): string {
  return said ?? hostOfNovaConf(read) ?? hostname();
}

function hostOfNovaConf(read: (path: string) => string): string | undefined {
  let text: string;
  try {
    text = read(NOVA_CONF);
  } catch {
    return undefined;
  }
  let section = '';
  let host: string | undefined;
  for (const line of text.split('\n')) {
    section = /^\[([^\]]+)\]/.exec(line)?.[1] ?? section;
    const value = /^host\s*[=:]\s*(\S+)\s*$/.exec(line)?.[1];
    // Of an option that stands there twice, oslo.config takes the last.
    if (section === 'DEFAULT' && value !== undefined) host = value.replace(/^(["'])(.*)\1$/, '$2');
  }
  return host;
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}
