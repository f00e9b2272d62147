import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isLifeboatError } from '../../src/errors.ts';
import { eventually } from '../support/eventually.ts';
import { startGalera, type Galera } from './galera.ts';
import { openDatabase } from './mariadb.ts';
import { createDatabase } from './server.ts';
import { moveOf, owed } from './suite.ts';

describe('the store in a Galera of two nodes', () => {
  let galera: Galera;
  let count = 0;
  beforeAll(async () => {
    galera = await startGalera();
  });
  afterAll(() => galera?.remove());

  /** The same database, one store through each node. */
  const bothStores = async () => {
    const [one, other] = galera.nodes;
    count += 1;
    const database = `lifeboat_${count}`;
    await createDatabase(one, database);
    return {
      database,
      stores: await Promise.all([openDatabase(one, database), openDatabase(other, database)]),
    } as const;
  };
  const aborted = async (): Promise<number> => {
    const query = "SHOW GLOBAL STATUS WHERE variable_name IN ('wsrep_local_cert_failures', 'wsrep_local_bf_aborts')";
    const values = await Promise.all(galera.nodes.map((node) => node.rows<{ Value: string }>(query)));
    return values.flat().reduce((sum, { Value }) => sum + Number(Value), 0);
  };

  it('shows through one node what was written through the other, as soon as that was acknowledged', async () => {
    const {
      stores: [first, second],
    } = await bothStores();
    await first.takeLease({ holder: 'ctl1 a', durationMs: 60_000 });
    const { notification, recovery } = owed();
    await first.addRecovery(notification, recovery);
    for (let round = 0; round < 50; round += 1) {
      await first.saveMoves([{ ...moveOf(recovery.id, 'a'), failures: round }]);
      expect((await second.movesOf(recovery.id))[0]?.failures).toBe(round);
    }
    await Promise.all([first.close(), second.close()]);
  });

  it('gives the lease to one of two that ask at one moment through different nodes', async () => {
    const { stores } = await bothStores();
    const before = await aborted();
    for (let round = 1; round <= 40; round += 1) {
      const answers = await Promise.all(
        stores.map((store, index) => store.takeLease({ holder: `ctl${index} ${round}`, durationMs: 60_000 })),
      );
      expect(answers.map(({ kind }) => kind).toSorted()).toEqual(['held', 'taken']);
      await (answers[0]?.kind === 'taken' ? stores[0] : stores[1]).releaseLease();
    }
    expect(await aborted(), 'transactions that failed their certification, and were run again').toBeGreaterThan(before);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('lets no write of a deposed engine through one node pass beside the takeover through the other (S5)', async () => {
    const { stores } = await bothStores();
    let [engine, next] = stores;
    let epoch = 0;
    // It has run out as soon as it is taken, and the engine writes on: only the epoch is in its way.
    const answer = await engine.takeLease({ holder: 'ctl 0', durationMs: 1 });
    if (answer.kind === 'taken') epoch = answer.epoch;
    const { notification, recovery } = owed();
    await engine.addRecovery(notification, recovery);
    for (let round = 1; round <= 30; round += 1) {
      const holder = `ctl ${round}`;
      let isOver = false;
      const writing = (async () => {
        for (let index = 0; !isOver || index < 3; index += 1) {
          // Refused from some moment on; which one that is, is the question.
          await engine.saveMoves([moveOf(recovery.id, `${round}-${index}`)]).catch(() => (isOver = true));
        }
      })();
      // Whoever takes over reads what there is, and goes on from that: nothing may be added to it any more.
      const read = await eventually('it is taken', async () => {
        // While the other one writes as fast as it can, certification may fail for longer than a call is tried again.
        const taken = await next.takeLease({ holder, durationMs: 1 }).catch((error: unknown) => {
          if (!isLifeboatError(error, 'STORE_UNUSABLE')) throw error;
          return undefined;
        });
        if (taken === undefined || taken.kind === 'held') return undefined;
        expect(taken.epoch).toBe(epoch + 1);
        return next.movesOf(recovery.id);
      });
      epoch += 1;
      isOver = true;
      await writing;
      expect(await next.movesOf(recovery.id)).toEqual(read);
      [engine, next] = [next, engine];
    }
    expect(epoch, 'at least one takeover').toBeGreaterThan(1);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('goes on through the other node when one leaves', async () => {
    const [one, other] = galera.nodes;
    const { database, stores } = await bothStores();
    await Promise.all(stores.map((store) => store.close()));
    const store = await openDatabase([one, other], database);
    await store.takeLease({ holder: 'ctl1 a', durationMs: 60_000 });
    const { notification, recovery } = owed();
    await store.addRecovery(notification, recovery);
    await one.stop('quit');
    await store.saveMoves([moveOf(recovery.id, 'a')]);
    expect(await store.movesOf(recovery.id)).toHaveLength(1);

    await store.close();
  });
});
