/**
 * Stands for lifeboatd where its life as a process is the subject. A word in the file `behaviour` of its state directory
 * makes it have a bad day.
 */
import { readFileSync } from 'node:fs';
import { loadConfig } from '../../src/config/load.ts';
import { socketPath } from '../../src/config/paths.ts';
import { serveControl } from '../../src/control/server.ts';
import { healthOf } from './health.ts';

function behaviour(directory: string): string {
  try {
    return readFileSync(`${directory}/behaviour`, 'utf8').trim();
  } catch {
    return 'good';
  }
}

async function main(): Promise<void> {
  const { runtimeDirectory, stateDirectory } = loadConfig(process.argv[3] ?? '');
  const day = behaviour(stateDirectory);
  if (day === 'crashes') {
    console.log(JSON.stringify({ level: 'error', message: 'the store is broken' }));
    process.exit(70);
  }
  if (day === 'ignores SIGTERM') process.on('SIGTERM', () => undefined);
  if (day === 'never answers') {
    setInterval(() => undefined, 60_000);
    return;
  }
  const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const health = healthOf({ pid: process.pid, state: 'starting', snapshotAgeMs: undefined });
  await serveControl({
    path: socketPath(runtimeDirectory),
    logger: quiet,
    handlers: {
      wake: () => undefined,
      health: () => health,
      status: () => ({ ...health, hosts: [], recoveries: [] }),
      plan: () => Promise.resolve({ outcome: 'refused', reason: 'no', remedy: 'no' }),
      order: () => Promise.resolve({ outcome: 'refused', lines: ['this is a stand-in'] }),
    },
  });
  console.log(JSON.stringify({ message: 'serves', environment: Object.keys(process.env).toSorted() }));
}

void main();
