import { chmodSync, existsSync, renameSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { LifeboatError, messageOf } from '../errors.ts';
import type { Logger } from '../ports.ts';
import { REPORT_STATES, type Report, type ReportState, type Settlement } from './report.ts';

/** Where reports outlive the process. What a call wrote is on disk when it returns. Throws STORE_UNUSABLE. */
export interface Spool {
  /** Oldest first. */
  all(): readonly Report[];
  /** `known`: the failure has a report already, whatever became of it. */
  add(report: Report): 'added' | 'known';
  settle(proofId: string, settlement: Settlement): void;
  /** Removes what was settled before. */
  forget(beforeMs: number): void;
  close(): void;
}

/**
 * One SQLite file on the controller, mode 0600. One that is damaged is put aside: the bridge proves again what is still
 * down, and Masakari tells what it knows already.
 */
export function openSpool(path: string, logger: Logger): Spool {
  try {
    return spoolIn(path);
  } catch (error) {
    if (!isDamaged(error)) throw unusable(path, error);
    const aside = freeName(`${path}.damaged`);
    renameSync(path, aside);
    for (const suffix of ['-wal', '-shm']) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
    logger.error({ path, aside }, `the spool is damaged (${messageOf(error)}): put aside, starting with an empty one`);
    try {
      return spoolIn(path);
    } catch (again) {
      throw unusable(path, again);
    }
  }
}

function spoolIn(path: string): Spool {
  const database = new DatabaseSync(path);
  try {
    return spoolOver(database, path);
  } catch (error) {
    database.close();
    throw error;
  }
}

function spoolOver(database: DatabaseSync, path: string): Spool {
  database.exec('PRAGMA journal_mode = WAL');
  // A commit that was acknowledged survives a power cut of the controller (S4).
  database.exec('PRAGMA synchronous = FULL');
  database.exec('PRAGMA busy_timeout = 2000');
  database.exec(`create table if not exists report (
    proof_id text primary key, host text not null, node text not null, fenced_at integer not null,
    lost_since integer not null, taken_at integer not null, state text not null, reason text, settled_at integer
  )`);
  chmodSync(path, 0o600);
  const spool: Spool = {
    all: () => database.prepare('select * from report order by taken_at, proof_id').all().map(reportOf),
    add(report) {
      const { changes } = database
        .prepare('insert into report values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (proof_id) do nothing')
        .run(
          report.proofId,
          report.host,
          report.node,
          report.fencedAtMs,
          report.lostSinceMs,
          report.takenAtMs,
          report.state,
          report.reason ?? null,
          report.settledAtMs ?? null,
        );
      return changes === 0 ? 'known' : 'added';
    },
    settle(proofId, { atMs, reason, state }) {
      database
        .prepare("update report set state = ?, reason = ?, settled_at = ? where proof_id = ? and state <> 'told'")
        .run(state, reason ?? null, atMs, proofId);
    },
    forget(beforeMs) {
      database.prepare("delete from report where state <> 'waiting' and settled_at < ?").run(beforeMs);
    },
    close: () => {
      database.close();
    },
  };
  // A row that cannot be read must not be found out in the middle of a failure.
  spool.all();
  return guarded(spool, path);
}

/** A full disk is a hold, and no defect. */
function guarded(spool: Spool, path: string): Spool {
  const within = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw unusable(path, error);
    }
  };
  return {
    all: () => within(() => spool.all()),
    add: (report) => within(() => spool.add(report)),
    settle: (proofId, settlement) => {
      within(() => {
        spool.settle(proofId, settlement);
      });
    },
    forget: (beforeMs) => {
      within(() => {
        spool.forget(beforeMs);
      });
    },
    close: () => {
      spool.close();
    },
  };
}

function reportOf(row: Readonly<Record<string, unknown>>): Report {
  const state = String(row['state']);
  if (!Object.hasOwn(REPORT_STATES, state))
    throw new LifeboatError('STORE_DAMAGED', `a report of ${String(row['host'])} has the unknown state ${state}`);
  return {
    proofId: String(row['proof_id']),
    host: String(row['host']),
    node: String(row['node']),
    fencedAtMs: Number(row['fenced_at']),
    lostSinceMs: Number(row['lost_since']),
    takenAtMs: Number(row['taken_at']),
    state: state as ReportState,
    reason: typeof row['reason'] === 'string' ? row['reason'] : undefined,
    settledAtMs: typeof row['settled_at'] === 'number' ? row['settled_at'] : undefined,
  };
}

/** SQLITE_CORRUPT (11), SQLITE_NOTADB (26), or a row that no Lifeboat writes. */
function isDamaged(error: unknown): boolean {
  if (error instanceof LifeboatError) return error.code === 'STORE_DAMAGED';
  const code = (error as { readonly errcode?: unknown } | undefined)?.errcode;
  return code === 11 || code === 26;
}

function unusable(path: string, cause: unknown): LifeboatError {
  return new LifeboatError('STORE_UNUSABLE', `the spool ${path} cannot be used: ${messageOf(cause)}`, { cause });
}

function freeName(path: string): string {
  let candidate = path;
  for (let n = 2; existsSync(candidate); n += 1) candidate = `${path}-${n}`;
  return candidate;
}
