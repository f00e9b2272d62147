import type { Clock, Logger, Randomness } from '../ports.ts';
import { Introspection } from './agent/introspection.ts';
import { PingLine } from './agent/ping-line.ts';
import type { ReportRules } from './guests/event-table.ts';
import type { KnownGuests } from './guests/guest.ts';
import { remembered, rememberedText } from './guests/memory.ts';
import { GuestReports } from './guests/reports.ts';
import type { GuestEvent } from './guests/reports.ts';
import { GuestWatch } from './guests/watch.ts';
import { USUAL_TIMINGS } from './libvirt/connection.ts';
import type { ConnectionTimings } from './libvirt/connection.ts';
import type { Dial } from './libvirt/session.ts';
import type { MonitorNotification, Sight, Watch } from './notification.ts';

export interface GuestsOptions {
  /** The compute host as Nova names it. */
  readonly hostname: string;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  /** When it returns, the report is safe: only then is the guest's end forgotten. */
  readonly onNotification: (notification: MonitorNotification) => void;
  /** The guests that ran, kept over a restart of the monitor. `read` answers undefined where nothing was ever written. */
  readonly remember: { readonly read: () => string | undefined; readonly write: (text: string) => void };
  /** /proc/sys/kernel/random/boot_id */
  readonly boot: string;
  /** `dialLibvirt` of src/compute/libvirt/dial.ts. */
  readonly dial: Dial;
  readonly timings?: ConnectionTimings;
  /** Events that are reported, or not, other than docs/guest-events.md says. */
  readonly rules?: ReportRules;
  /** Absent: agents are not asked, as in Masakari without its introspective monitor. */
  readonly agents?: AgentsOptions;
}

export interface AgentsOptions {
  /** From one ping of a guest to its next. The original's usual interval: 10 s. */
  readonly intervalMs: number;
  /** Whole seconds that libvirt waits for an agent. The original's: 2. */
  readonly timeoutS: number;
  /** Reported when more pings than so many went unanswered, one after another. The original's: 3. */
  readonly threshold: number;
}

const AGENT_ERROR = { event: 'QEMU_GUEST_AGENT_ERROR', detail: 'STOPPED_FAILED' } as const;

/** Watches the guests of this host, and the agents in them when asked to, and reports what fails. */
export function watchGuests(options: GuestsOptions): Watch {
  const { hostname, clock, randomness, logger, dial, timings = USUAL_TIMINGS } = options;
  const reports = new GuestReports(hostname, options.rules);
  const report = (event: GuestEvent): void => {
    const notification = reports.report(event);
    if (notification !== undefined) options.onNotification(notification);
  };
  const agents = options.agents && askAgents(options, options.agents, timings, report);
  let sight: Sight = { kind: 'blind', sentence: 'libvirt was not reached yet' };
  const watch = new GuestWatch({
    dial,
    clock,
    randomness,
    logger,
    timings,
    known: recall(options),
    onEvent: report,
    onKnown: keeper(options),
    onBoot: (domain) => agents?.introspection.booted(domain),
    onSeen: (guests) => {
      sight = { kind: 'watching', sentence: `${guests.length} instances are watched over libvirt` };
      agents?.introspection.watch(guests);
    },
    onBlind: (error) => {
      sight = { kind: 'blind', sentence: `the guests are not seen: ${error.message}; ${error.hint}` };
      reports.outOfSight();
    },
  });
  return {
    sight: () => sight,
    stop: () => {
      watch.stop();
      agents?.introspection.stop();
      agents?.line.stop();
    },
  };
}

function askAgents(
  { dial, clock, logger }: GuestsOptions,
  { intervalMs, timeoutS, threshold }: AgentsOptions,
  timings: ConnectionTimings,
  report: (event: GuestEvent) => void,
): { readonly introspection: Introspection; readonly line: PingLine } {
  const line = new PingLine({ dial, clock, timings, timeoutS });
  const introspection = new Introspection({
    ping: (domain) => line.ping(domain),
    clock,
    logger,
    intervalMs,
    threshold,
    onReport: (uuid) => report({ uuid, name: AGENT_ERROR, atMs: clock.now() }),
  });
  return { introspection, line };
}

function recall({ remember, boot, logger }: GuestsOptions): KnownGuests {
  const found = remembered(remember.read(), boot);
  if (found.kind === 'guests') return found.known;
  if (found.why === 'unreadable') {
    logger.warn(
      {},
      'the list of guests that ran is unreadable: one that died while the monitor was away is not noticed',
    );
  }
  return new Map();
}

/** Writes only what is new: a look every minute finds the same guests. */
function keeper({ remember, boot, logger }: GuestsOptions): (known: KnownGuests) => void {
  let written: string | undefined;
  return (known) => {
    const text = rememberedText(boot, known);
    if (text === written) return;
    try {
      remember.write(text);
      written = text;
    } catch (error) {
      logger.error({ error: String(error) }, 'the list of guests that run cannot be kept; see the state directory');
    }
  };
}
