/**
 * A lifeboatd that only answers: `node fake-daemon.ts SOCKET`. Its health is the default, changed by a JSON object on
 * each line of standard input; it prints "ready" once it listens, and each alert that wakes it as a line of JSON.
 */
import { createInterface } from 'node:readline';
import { serveControl } from '../../src/control/server.ts';
import { healthOf } from './health.ts';

const [, , path = ''] = process.argv;
let health = healthOf({ pid: process.pid });
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

await serveControl({
  path,
  logger: quiet,
  handlers: {
    wake: (alert) => {
      console.log(JSON.stringify(alert));
    },
    health: () => health,
    status: () => ({ ...health, hosts: [], recoveries: [] }),
    plan: () => Promise.resolve({ outcome: 'refused', reason: 'no', remedy: 'no' }),
    order: () => Promise.resolve({ outcome: 'refused', lines: ['this is a stand-in'] }),
  },
});
console.log('ready');

createInterface({ input: process.stdin }).on('line', (line) => {
  health = { ...health, ...(JSON.parse(line) as Partial<typeof health>) };
  console.log('changed');
});
