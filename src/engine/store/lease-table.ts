import { sql } from 'kysely';
import { LifeboatError } from '../../errors.ts';
import type { SqlDialect } from './dialect.ts';
import { ENGINE_LEASE, type LeaseAnswer, type LeaseClaim, type LeaseRecord } from './lease-record.ts';
import type { LeaseRow } from './tables.ts';
import type { Transactions } from './transactions.ts';

/** The statements of the lease. All times are the database's; whoever waits for one lets it tell what is left. */
export class LeaseTable {
  readonly #transactions: Transactions;
  readonly #dialect: SqlDialect;
  #epoch = 0;

  constructor(transactions: Transactions, dialect: SqlDialect) {
    this.#transactions = transactions;
    this.#dialect = dialect;
  }

  async take(claim: LeaseClaim): Promise<LeaseAnswer> {
    const answer = await this.#transactions.withoutLease(async (trx): Promise<LeaseAnswer> => {
      const { holder, durationMs } = claim;
      const now = this.#dialect.now();
      const taken = {
        name: ENGINE_LEASE,
        holder,
        duration: durationMs,
        expires_at: sql<number>`${now} + ${durationMs}`,
      };
      const row = await trx
        .selectFrom('lease')
        .selectAll()
        .select(now.as('now'))
        .where('name', '=', ENGINE_LEASE)
        .executeTakeFirst();
      if (row === undefined) {
        await trx
          .insertInto('lease')
          .values({ ...taken, epoch: 1, writes: 1 })
          .execute();
        return { kind: 'taken', epoch: 1 };
      }
      const record = recordOf(row);
      if (!mayTake(record, claim)) return { kind: 'held', record };
      // A try before this one may have taken it, and its answer was lost.
      const epoch = row.holder === holder ? row.epoch : row.epoch + 1;
      const { numUpdatedRows } = await trx
        .updateTable('lease')
        .set({ ...taken, epoch, writes: row.writes + 1 })
        .where('name', '=', ENGINE_LEASE)
        .where('epoch', '=', row.epoch)
        .where('expires_at', '=', row.expires_at)
        // A sign of life counts only as long as the lease has not expired.
        .$if(record.leftMs > 0, (query) => query.where('writes', '=', row.writes))
        .executeTakeFirst();
      return numUpdatedRows === 1n ? { kind: 'taken', epoch } : { kind: 'held', record };
    });
    if (answer.kind === 'taken') {
      this.#epoch = answer.epoch;
      this.#transactions.writeUnder(answer.epoch);
    }
    return answer;
  }

  /** Whether it has expired does not matter: while the epoch is ours nobody else has taken it. */
  renew(durationMs: number): Promise<void> {
    const expiresAt = sql<number>`${this.#dialect.now()} + ${durationMs}`;
    return this.#set({ duration: durationMs, expires_at: expiresAt });
  }

  async release(): Promise<void> {
    await this.#set({ expires_at: sql<number>`0` });
    this.#transactions.writeUnder(undefined);
  }

  #set(change: { readonly duration?: number; readonly expires_at: ReturnType<typeof sql<number>> }): Promise<void> {
    return this.#transactions.write(async (trx) => {
      const { numUpdatedRows } = await trx
        .updateTable('lease')
        .set(change)
        .where('name', '=', ENGINE_LEASE)
        .where('epoch', '=', this.#epoch)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new LifeboatError('LEASE_LOST', `the lease of epoch ${this.#epoch} is gone`);
    });
  }
}

function mayTake(record: LeaseRecord, { holder, evenIf }: LeaseClaim): boolean {
  if (record.leftMs === 0 || record.holder === holder) return true;
  return evenIf?.epoch === record.epoch && evenIf.sign === record.sign;
}

function recordOf(row: LeaseRow & { readonly now: number }): LeaseRecord {
  const { holder, epoch, writes, duration } = row;
  return { holder, epoch, sign: writes, durationMs: duration, leftMs: Math.max(0, row.expires_at - row.now) };
}
