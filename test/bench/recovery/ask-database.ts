import { setTimeout as pause } from 'node:timers/promises';
import type { CloudDatabase, CloudLab } from '../../cloud/lab/cloud-lab.ts';

const TRIES = 10;
const PAUSE_MS = 500;

/** Rows, also of a database that is too busy to let us in at the first try. */
export async function askDatabase(
  cloud: CloudLab,
  database: CloudDatabase,
  statement: string,
): ReturnType<CloudLab['sql']> {
  for (let left = TRIES; ; left -= 1) {
    try {
      return await cloud.sql(database, statement);
    } catch (error) {
      if (left <= 1) throw error;
      await pause(PAUSE_MS);
    }
  }
}
