import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { STATE_DIRECTORY } from '../../src/config/paths.ts';
import { MOVE_STATES, type MoveState } from '../../src/engine/move.ts';
import type { Lab } from '../cluster/lab/index.ts';
import type { DatabaseServer } from '../store/server.ts';

const STORE = `${STATE_DIRECTORY}/lifeboat.db`;

/** What a killed daemon had on disk of the recovery of one host: the state in which it died. */
export interface Remains {
  /** Undefined: the loss had not been written down yet. */
  readonly recovery: string | undefined;
  /** How many moves were in each state; states without a move are left out. */
  readonly moves: Partial<Readonly<Record<MoveState, number>>>;
}

/** Where the daemons of one cluster keep what they know. Recoveries of before `sinceMs` are not meant. */
export type ReadRemains = (node: string, host: string, sinceMs: number) => Promise<Remains>;

const NEWEST = 'SELECT id, state FROM recovery WHERE host = ? AND created_at >= ? ORDER BY created_at DESC LIMIT 1';
const COUNTS = 'SELECT state, count(*) AS n FROM move WHERE recovery_id = ? GROUP BY state';
const NOTHING: Remains = { recovery: undefined, moves: {} };

type Select = (
  statement: string,
  ...values: (string | number)[]
) => Promise<readonly Readonly<Record<string, unknown>>[]>;

async function read(select: Select, host: string, sinceMs: number): Promise<Remains> {
  const [found] = await select(NEWEST, host, sinceMs);
  if (found === undefined) return NOTHING;
  const counts = new Map(
    (await select(COUNTS, String(found['id']))).map((row) => [String(row['state']), Number(row['n'])]),
  );
  const moves = Object.fromEntries(
    Object.keys(MOVE_STATES).flatMap((state) => (counts.has(state) ? [[state, counts.get(state)]] : [])),
  );
  return { recovery: String(found['state']), moves };
}

/** The database that all controllers share. */
export function remainsInDatabase(server: DatabaseServer): ReadRemains {
  const select: Select = (statement, ...values) => server.rows(statement.replace('FROM ', 'FROM lifeboat.'), values);
  return (_node, host, sinceMs) => read(select, host, sinceMs);
}

/** Each controller's own file. Read from a copy: whoever opens the file itself would change what the next daemon finds. */
export function remainsInFiles(lab: Lab): ReadRemains {
  return async (node, host, sinceMs) => {
    const file = lab.fileOf(node, STORE);
    const folder = mkdtempSync(join(tmpdir(), 'lifeboat-remains-'));
    try {
      const copy = join(folder, 'store.db');
      // An engine that has just been moved to this controller, and died before it had one.
      if (!existsSync(file)) return NOTHING;
      copyFileSync(file, copy);
      if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
      return await readFile(copy, host, sinceMs);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

async function readFile(file: string, host: string, sinceMs: number): Promise<Remains> {
  const db = new DatabaseSync(file);
  try {
    const isMade = db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'recovery'").get() !== undefined;
    if (!isMade) return NOTHING;
    return await read(async (statement, ...values) => db.prepare(statement).all(...values), host, sinceMs);
  } finally {
    db.close();
  }
}
