import { serveLines } from '../control/line-server.ts';
import type { Clock, Logger, Randomness } from '../ports.ts';
import { answerMonitor, MONITOR_REQUEST_LIMIT } from './control.ts';
import type { Deliver } from './delivery/delivery.ts';
import { Sender } from './delivery/sender.ts';
import { Lookout, type WatchPlan } from './lookout.ts';
import type { Memory } from './remember.ts';
import type { JournalFile } from './spool/journal-file.ts';
import { inWords } from './spool/report.ts';
import { Spool } from './spool/spool.ts';
import { concernsOf, summaryOf, type MonitorFacts, type MonitorStatus } from './status.ts';

export interface MonitorPorts {
  /** This host as Nova names it. */
  readonly hostname: string;
  readonly version: string;
  readonly pid: number;
  readonly socketPath: string;
  readonly maxReports: number;
  readonly plans: readonly WatchPlan[];
  readonly deliver: Deliver;
  /** Opened when no other monitor runs here: only one may write. */
  readonly openJournal: () => JournalFile;
  readonly memoryOf: (name: string) => Memory;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
}

export interface Monitor {
  readonly status: () => MonitorStatus;
  /** What waits stays in the spool. */
  stop(): Promise<void>;
}

/**
 * The monitor's life: it claims its socket, takes up its spool, then begins to watch. Crash-only: what a watch has told is
 * on disk before the watch goes on, and is sent until the engine has it.
 *
 * Throws SOCKET_TAKEN, SPOOL_UNUSABLE, and what a watch throws that cannot be begun.
 */
export async function startMonitor(ports: MonitorPorts): Promise<Monitor> {
  const { clock, logger, socketPath } = ports;
  let running: Running | undefined;
  const socket = await serveLines({
    path: socketPath,
    limit: MONITOR_REQUEST_LIMIT,
    logger,
    answer: (line) =>
      Promise.resolve(
        running === undefined
          ? { ok: false, error: { message: 'the monitor is being started' } }
          : answerMonitor(line, running),
      ),
  });
  try {
    running = begin(ports, clock.now());
  } catch (error) {
    await socket.close();
    throw error;
  }
  const { stop, status } = running;
  logger.info({ host: ports.hostname, version: ports.version }, `lifeboat-monitor watches ${ports.hostname}`);
  return {
    status,
    async stop() {
      stop();
      await socket.close();
    },
  };
}

interface Running {
  readonly status: () => MonitorStatus;
  readonly retry: () => number;
  readonly forget: () => number;
  readonly stop: () => void;
}

function begin(ports: MonitorPorts, startedAtMs: number): Running {
  const { clock, hostname, logger, memoryOf, pid, plans, randomness, version } = ports;
  const spool = new Spool({ file: ports.openJournal(), limit: ports.maxReports, clock, logger });
  const sender = new Sender({ spool, deliver: ports.deliver, clock, randomness, logger });
  const lookout = new Lookout({
    ...{ plans, memoryOf, hostname, clock, randomness, logger },
    onNotification(notification) {
      spool.add(notification);
      sender.wake();
    },
  });
  sender.start();
  return {
    status() {
      const facts = factsOf(lookout, sender, spool);
      const concerns = concernsOf(facts, clock.now());
      return { version, pid, host: hostname, startedAtMs, summary: summaryOf(facts), concerns, ...facts };
    },
    retry() {
      const count = spool.sendAgain();
      sender.hurry();
      return count;
    },
    forget: () => spool.forget(),
    stop() {
      lookout.stop();
      sender.stop();
      spool.close();
    },
  };
}

function factsOf(lookout: Lookout, sender: Sender, spool: Spool): MonitorFacts {
  const aside = spool.aside.map(({ atMs, reason, report }) => ({
    ...{ id: report.id, what: inWords(report.notification), reason, atMs },
  }));
  return {
    watches: lookout.statuses,
    delivery: sender.standing,
    waiting: spool.waiting,
    aside,
    dropped: spool.dropped,
    ...(spool.trouble !== undefined && { spoolTrouble: spool.trouble }),
  };
}
