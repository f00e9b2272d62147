import { createInterface } from 'node:readline';
import type { Lab, LabProcess } from '../../test/cluster/lab/index.ts';

/** One line of lifeboatd's log. */
export interface LogLine {
  readonly atMs: number;
  readonly level: string;
  readonly message: string;
  readonly host: string | undefined;
  readonly instance: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export const DAEMON_LOG = '/var/log/lifeboat/lifeboatd.log';

/** Undefined for a line that is no JSON object of ours, such as half a line at the start of a tail. */
export function parseLogLine(text: string): LogLine | undefined {
  let fields: Readonly<Record<string, unknown>>;
  try {
    fields = JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
  const word = (key: string): string | undefined => (typeof fields[key] === 'string' ? fields[key] : undefined);
  const [time, message] = [word('time'), word('message')];
  if (time === undefined || message === undefined) return undefined;
  return {
    atMs: Date.parse(time),
    level: word('level') ?? 'info',
    message,
    host: word('host'),
    instance: word('instance'),
    from: word('from'),
    to: word('to'),
  };
}

/** Tells each line as it is written, from now on. Stop the process to end it. */
export function followDaemonLog(lab: Lab, node: string, onLine: (line: LogLine) => void): LabProcess {
  const tail = lab.spawn(node, ['tail', '-n', '0', '-F', DAEMON_LOG]);
  createInterface({ input: tail.stdout }).on('line', (text) => {
    const line = parseLogLine(text);
    if (line !== undefined) onLine(line);
  });
  return tail;
}
