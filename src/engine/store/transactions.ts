import type { Kysely } from 'kysely';
import { isLifeboatError, LifeboatError, messageOf } from '../../errors.ts';
import { ENGINE_LEASE, nameOf } from './lease-record.ts';
import type { Tables } from './tables.ts';

/** Runs the work again as a whole while that can help; throws its last error. */
export type Retry = <T>(work: () => Promise<T>) => Promise<T>;

/** For a database that is a file: what does not work now will not work in a moment. */
export const onlyOnce: Retry = (work) => work();

/**
 * Everything that the store asks of its database, with the lease and the errors in one place. What comes from the
 * database leaves as STORE_UNUSABLE.
 */
export class Transactions {
  readonly #db: Kysely<Tables>;
  readonly #retry: Retry;
  #epoch: number | undefined;

  constructor(db: Kysely<Tables>, retry: Retry) {
    this.#db = db;
    this.#retry = retry;
  }

  /** From now on what is written is written under this epoch; undefined: nothing is. */
  writeUnder(epoch: number | undefined): void {
    this.#epoch = epoch;
  }

  read<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.#run(() => work(this.#db));
  }

  /** Only for the lease itself. */
  withoutLease<T>(work: (trx: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.#run(() => this.#db.transaction().execute(work));
  }

  /** Throws LEASE_LOST, and nothing is written, unless the lease has still the epoch. */
  write<T>(work: (trx: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.#run(() =>
      this.#db.transaction().execute(async (trx) => {
        await claim(trx, this.#epoch);
        return work(trx);
      }),
    );
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.#retry(work);
    } catch (error) {
      if (isLifeboatError(error)) throw error;
      throw new LifeboatError('STORE_UNUSABLE', `the store does not answer: ${messageOf(error)}`, { cause: error });
    }
  }
}

/**
 * The lease's row is written and not only read: Galera certifies what two nodes have written at one time, and would let
 * the write of a deposed engine on one node pass beside the taking of the lease on another. It also puts all writes in
 * one order, so none of them can deadlock with another of ours. See docs/decisions/0029.
 */
async function claim(trx: Kysely<Tables>, epoch: number | undefined): Promise<void> {
  if (epoch === undefined) throw new LifeboatError('LEASE_LOST', 'this engine does not hold the lease of the store');
  const { numUpdatedRows } = await trx
    .updateTable('lease')
    .set((row) => ({ writes: row('writes', '+', 1) }))
    .where('name', '=', ENGINE_LEASE)
    .where('epoch', '=', epoch)
    .executeTakeFirst();
  if (numUpdatedRows === 1n) return;
  const row = await trx.selectFrom('lease').selectAll().where('name', '=', ENGINE_LEASE).executeTakeFirst();
  const now =
    row === undefined
      ? 'the store has no lease any more'
      : `the engine of ${nameOf(row.holder)} has taken it (epoch ${row.epoch})`;
  throw new LifeboatError('LEASE_LOST', `the lease of epoch ${epoch} is lost: ${now}`);
}
