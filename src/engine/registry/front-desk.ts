import type { Hold, Verdict } from '../../bridge/verdict.ts';
import { LifeboatError } from '../../errors.ts';
import type { Clock, Logger, Randomness } from '../../ports.ts';
import { InstanceRecoveries, type InstanceRecoveriesPorts } from '../instances/instance-recoveries.ts';
import { ProcessFailures, type ProcessFailuresPorts } from '../processes/process-failures.ts';
import type { Recovery } from '../recovery.ts';
import type { KnownSegments } from '../segments/known-segments.ts';
import type { Store } from '../store/store.ts';
import { Claims } from './claims.ts';
import { engineRegistry } from './engine-registry.ts';
import type { NoticeBook } from './notice-book.ts';
import type { Notice } from './notice.ts';
import { Notices } from './notices.ts';
import { USUAL_LIMITS, type NotificationLimits } from './notification-limits.ts';
import type { Registry } from './registry.ts';
import { ReportBoard } from './report-board.ts';

export interface FrontDeskPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly randomness: Randomness;
  /** Left out: as the configuration has them when it says nothing. */
  readonly limits: NotificationLimits | undefined;
  /** A report that a host is down has come in: the cluster is to be looked at. */
  readonly onClaim: () => void;
  /** Something that is shown has changed. */
  readonly onChange: () => void;
  readonly known: KnownSegments;
  readonly recoveries: () => readonly Recovery[];
  readonly verdicts: () => readonly Verdict[];
  /** Nova's compute hosts; undefined while they, or what a former engine left, are not known. */
  readonly computeHosts: () => readonly string[] | undefined;
  readonly isComputeHost: (name: string) => Promise<boolean>;
  readonly leftAlone: (host: string) => Hold | undefined;
  readonly instances: Omit<InstanceRecoveriesPorts, 'clock' | 'logger' | 'notices' | 'onWritten'>;
  readonly processes: Omit<ProcessFailuresPorts, 'clock' | 'logger' | 'notices' | 'leftAlone' | 'onWritten'>;
  /** Throws NOT_ALLOWED while the store was not read yet. */
  readonly mayRead: () => void;
  /** Throws also LEASE_LAPSED and LEASE_LOST. */
  readonly mayWrite: () => void;
}

/** Where others come to with what they report and ask: Masakari's API stands before it. */
export class FrontDesk {
  /** What Masakari's API shows and changes. */
  readonly registry: Registry;
  /** What came in over it, for who answers instances and processes. */
  readonly notices: NoticeBook;
  readonly #board: ReportBoard;
  readonly #claims: Claims;
  readonly #instances: InstanceRecoveries;
  readonly #processes: ProcessFailures;

  constructor(ports: FrontDeskPorts) {
    const { claimPatienceMs, duplicateIntervalMs } = ports.limits ?? USUAL_LIMITS;
    const notices = new Notices(ports);
    this.notices = notices;
    const board = new ReportBoard({ ...ports, notices });
    this.#board = board;
    const onWritten = (notice: Notice): void => {
      board.note(notice);
    };
    this.#instances = new InstanceRecoveries({ ...ports, ...ports.instances, notices, onWritten });
    this.#processes = new ProcessFailures({ ...ports, ...ports.processes, notices, onWritten });
    this.#claims = new Claims({ ...ports, notices, patienceMs: claimPatienceMs });
    this.registry = engineRegistry({
      ...ports,
      notices,
      claims: this.#claims,
      duplicateIntervalMs,
      implicitHosts: () => computeNodes(ports),
    });
  }

  async load(): Promise<void> {
    await this.#claims.load();
    await this.#board.load();
    await this.#instances.load();
    await this.#processes.load();
  }

  /** Reports of instances and processes: those at work, and those that failed lately. */
  get reports(): readonly Notice[] {
    return this.#board.shown;
  }

  /** With each look at the cluster: what waits for it goes on. */
  async settle(): Promise<void> {
    await this.#claims.settle();
    this.#instances.settle();
    this.#processes.settle();
  }
}

/** Hosts that are nodes of the cluster and compute services of Nova. */
function computeNodes({ computeHosts, verdicts }: FrontDeskPorts): readonly string[] {
  const hosts = computeHosts();
  if (hosts === undefined) {
    throw new LifeboatError('NOT_ALLOWED', 'it is not known yet which nodes of the cluster are compute hosts of Nova');
  }
  const known = new Set(hosts);
  const named = verdicts().flatMap(({ host }) => (host !== undefined && known.has(host) ? [host] : []));
  return [...new Set(named)].toSorted();
}
