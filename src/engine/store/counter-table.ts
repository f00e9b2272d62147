import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** The next number of the table, in a transaction that has the lease's row: nobody else counts meanwhile. */
export async function nextNumber(trx: Kysely<Tables>, name: CountedTable): Promise<number> {
  const { given } = await trx.selectFrom('counter').select('given').where('name', '=', name).executeTakeFirstOrThrow();
  await trx
    .updateTable('counter')
    .set({ given: given + 1 })
    .where('name', '=', name)
    .execute();
  return given + 1;
}

export const COUNTED = ['segment', 'segment_host', 'notice'] as const;
export type CountedTable = (typeof COUNTED)[number];
