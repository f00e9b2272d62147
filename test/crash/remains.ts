import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MOVE_STATES, type MoveState } from '../../src/engine/move.ts';

/** What a killed daemon had on disk of the recovery of one host: the state in which it died. */
export interface Remains {
  /** Undefined: the loss had not been written down yet. */
  readonly recovery: string | undefined;
  /** How many moves were in each state; states without a move are left out. */
  readonly moves: Partial<Readonly<Record<MoveState, number>>>;
}

/**
 * Read from a copy: whoever opens the file itself would change what the next daemon finds. `sinceMs`: recoveries of
 * earlier failures of the host are not meant.
 */
export function remainsOf(storeFile: string, host: string, sinceMs: number): Remains {
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-remains-'));
  try {
    const copy = join(folder, 'store.db');
    // An engine that has just been moved to this controller, and died before it had one.
    if (!existsSync(storeFile)) return { recovery: undefined, moves: {} };
    copyFileSync(storeFile, copy);
    if (existsSync(`${storeFile}-wal`)) copyFileSync(`${storeFile}-wal`, `${copy}-wal`);
    return read(copy, host, sinceMs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function read(file: string, host: string, sinceMs: number): Remains {
  const db = new DatabaseSync(file);
  try {
    const isMade = db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'recovery'").get() !== undefined;
    if (!isMade) return { recovery: undefined, moves: {} };
    const found = db
      .prepare('SELECT id, state FROM recovery WHERE host = ? AND created_at >= ? ORDER BY created_at DESC LIMIT 1')
      .get(host, sinceMs);
    if (found === undefined) return { recovery: undefined, moves: {} };
    const rows = db
      .prepare('SELECT state, count(*) AS n FROM move WHERE recovery_id = ? GROUP BY state')
      .all(String(found.id));
    const counts = new Map(rows.map((row) => [String(row.state), Number(row.n)]));
    const moves = Object.fromEntries(
      Object.keys(MOVE_STATES).flatMap((state) => (counts.has(state) ? [[state, counts.get(state)]] : [])),
    );
    return { recovery: String(found.state), moves };
  } finally {
    db.close();
  }
}
