import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { processesOf } from '../../cluster/lab/cgroup.ts';

/** One short-lived process of a node, by when it was seen first and last. */
export interface ProcessSpan {
  readonly program: string;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

export interface ProcessWatch {
  /** Ends the watching. */
  stop(): Promise<readonly ProcessSpan[]>;
}

/** The precision of the spans. A shorter pause would take from the cluster what is to be measured. */
const LOOK_EVERY_MS = 4;

/** Watches which processes come and go in a control group; those that were there at the start are left out. */
export function watchProcesses(cgroup: string): ProcessWatch {
  const old = new Set(processesOf(cgroup));
  const spans = new Map<number, { program: string; firstSeenMs: number; lastSeenMs: number }>();
  let stopped = false;
  const watching = (async () => {
    while (!stopped) {
      const now = Date.now();
      for (const pid of processesOf(cgroup)) {
        if (old.has(pid)) continue;
        const span = spans.get(pid) ?? { program: '', firstSeenMs: now, lastSeenMs: now };
        // Read again each time: a process is its parent's copy first, and the shell of an agent becomes its Node.
        span.program = programOf(pid) ?? span.program;
        span.lastSeenMs = now;
        spans.set(pid, span);
      }
      await pause(LOOK_EVERY_MS);
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await watching;
      return [...spans.values()];
    },
  };
}

/** The word of the command line that says most: the agent's path where Node or a shell runs it, else the program. */
function programOf(pid: number): string | undefined {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
    const telling = words.find((word) => /alert_lifeboat|resource\.d\//.test(word)) ?? words[0];
    return telling?.split('/').at(-1);
  } catch {
    return undefined; // it has ended
  }
}
