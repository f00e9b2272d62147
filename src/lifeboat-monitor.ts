import { leaveOnDefect, sayLast } from './edge/last-words.ts';
import { writeAll } from './edge/write-all.ts';
import { messageOf } from './errors.ts';
import { runMonitorCommand } from './monitor/cli/run.ts';

/**
 * lifeboat-monitor: watches a compute host, and tells the engine of what fails there. `run` stays in the foreground and
 * logs JSON lines to standard output; the other commands ask the one that runs.
 *
 * - SIGTERM, SIGINT: close the socket, leave with 0. What waits is in the spool. A kill -9 does no more harm (crash-only).
 * - SIGHUP, SIGPIPE: ignored.
 * - An error that nobody caught: told on standard error, exit 70, and systemd or Pacemaker starts it again.
 */
async function main(words: readonly string[]): Promise<void> {
  const code = await runMonitorCommand(words, {
    environment: process.env,
    out: (text) => {
      writeAll(1, text);
    },
    error: (text) => {
      writeAll(2, text);
    },
    watch: async (config) => {
      leaveOnDefect();
      const { watchThisHost } = await import('./monitor/watch-this-host.ts');
      const { watchPlans } = await import('./monitor/watches.ts');
      await watchThisHost(config, watchPlans(config));
    },
  });
  if (code !== undefined) process.exitCode = code;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  sayLast(`lifeboat-monitor: ${messageOf(error)}\n`);
  process.exit(1);
});
