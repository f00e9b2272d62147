import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { eventually } from '../support/eventually.ts';

const ROOT = resolve(import.meta.dirname, '../..');

export interface DevProcess {
  readonly url: string;
  /** OS_* of the emulated cloud. */
  readonly environment: Readonly<Record<string, string>>;
  readonly child: ChildProcess;
  /** What it has said so far. */
  output(): string;
  say(line: string): void;
  stop(): Promise<void>;
}

/** `npm run dev` as a process of its own, once it answers. */
export async function startDev(port: number, args: readonly string[] = []): Promise<DevProcess> {
  const child = spawn(process.execPath, ['scripts/dev.ts', '--port', String(port), ...args], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const url = `http://127.0.0.1:${port}`;
  await eventually(
    'dev mode has introduced itself, which it does once it answers',
    () => {
      if (child.exitCode !== null) throw new Error(`dev mode has ended with ${child.exitCode}`);
      return output.includes('"quit" to end');
    },
    { withinMs: 60_000, everyMs: 20 },
  ).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw new Error(`${String(error)}\n${output.slice(-5_000)}`);
  });
  const environment = Object.fromEntries(
    [...output.matchAll(/export (OS_\w+)=(\S+)/g)].map(([, name, value]) => [name ?? '', value ?? '']),
  );
  return {
    url,
    environment: { ...environment, OS_IDENTITY_API_VERSION: '3' },
    child,
    output: () => output,
    say: (line) => child.stdin.write(`${line}\n`),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
