import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { BmcAnswer, BmcRequest, PowerEvent } from './bmc-protocol.ts';
import { createCgroup, isPopulated, joining } from './cgroup.ts';
import { LabError } from './lab-error.ts';
import { bmcCgroup, bmcOutput, bmcSocket, powerLogFile } from './layout.ts';
import type { Layout } from './layout.ts';
import { waitFor } from './wait.ts';

const BMC_PROCESS = join(import.meta.dirname, 'bmc-process.ts');

/** Starts the BMC so that it outlives this process, and returns when it takes requests. */
export async function startBmc(layout: Layout): Promise<void> {
  const output = openSync(bmcOutput(layout), 'a');
  createCgroup(bmcCgroup(layout));
  const argv = joining(bmcCgroup(layout), [process.execPath, BMC_PROCESS, layout.name, layout.dir]);
  const child = spawn(argv[0] ?? '', argv.slice(1), {
    detached: true,
    cwd: '/',
    stdio: ['ignore', output, output],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  closeSync(output);
  child.unref();
  await waitFor(
    'the virtual BMC',
    async () => {
      if (await answers(layout)) return true;
      if (child.exitCode === null) return false;
      throw new LabError('bmc', `the virtual BMC does not start: ${readFileSync(bmcOutput(layout), 'utf8').trim()}`);
    },
    { deadlineMs: 20_000, everyMs: 5 },
  );
}

/** A socket file is there before anybody listens on it, so only an answer counts. */
async function answers(layout: Layout): Promise<boolean> {
  if (!existsSync(bmcSocket(layout))) return false;
  try {
    await askBmc(layout, { op: 'list' }, 1000);
    return true;
  } catch (error) {
    if (error instanceof LabError) return false;
    throw error;
  }
}

/** One request. Throws LabError `bmc` when it is refused or the BMC is gone, `timed-out` after `timeoutMs`. */
export function askBmc(layout: Layout, request: BmcRequest, timeoutMs = 60_000): Promise<BmcAnswer & { ok: true }> {
  if (!isPopulated(bmcCgroup(layout))) return Promise.reject(new LabError('bmc', 'the virtual BMC does not run'));
  return new Promise((resolve, reject) => {
    const connection = connect(bmcSocket(layout));
    const timer = setTimeout(() => {
      connection.destroy();
      reject(new LabError('timed-out', `the BMC did not answer "${request.op}" within ${timeoutMs} ms`));
    }, timeoutMs);
    let line = '';
    connection.setEncoding('utf8');
    connection.on('data', (chunk: string) => (line += chunk));
    connection.on('error', (cause) => {
      clearTimeout(timer);
      reject(new LabError('bmc', `the virtual BMC cannot be reached: ${cause.message}`, { cause }));
    });
    connection.on('close', () => {
      clearTimeout(timer);
      if (!line.endsWith('\n')) {
        reject(new LabError('bmc', 'the virtual BMC closed the connection without an answer'));
        return;
      }
      const answer = JSON.parse(line) as BmcAnswer;
      if (answer.ok) resolve(answer);
      else reject(new LabError('bmc', answer.error));
    });
    connection.write(`${JSON.stringify(request)}\n`);
  });
}

export function readPowerLog(layout: Layout): readonly PowerEvent[] {
  if (!existsSync(powerLogFile(layout))) return [];
  const lines = readFileSync(powerLogFile(layout), 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as PowerEvent);
}
