import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { Store } from '../../src/engine/store/store.ts';
import { eventually } from '../support/eventually.ts';
import { leaseOf } from '../support/lease.ts';
import {
  engineBench,
  proofOf,
  proven,
  up,
  untilRecovery,
  type EngineBench,
  type RunningEngine,
} from '../unit/engine/bench.ts';
import { newDatabase, openDatabase, startDatabase } from './mariadb.ts';
import type { DatabaseServer } from './server.ts';

const LEASE_MS = 5_000;
/** Both are longer than the lease, and than every patience in the code. */
const DEAD_MS = 60_000;
const HUNG_MS = 20_000;
const INSTANCES = 12;

describe('a recovery on the shared store', () => {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await startDatabase();
  });
  afterAll(() => server?.remove());

  const engineOn = async (bench: EngineBench, store: Store, holder: string): Promise<RunningEngine> =>
    bench.start({
      store,
      lease: leaseOf({ store, logger: bench.logger, holder, isGone: () => false, durationMs: LEASE_MS }),
      limits: { parallel: 2, settleMs: 2_000 },
    });
  const sent = async (bench: EngineBench): Promise<number> => (await bench.emulator.evacuateCalls()).length;
  const halfWay = async (onTestFinished: TestContext['onTestFinished']) => {
    const bench = await engineBench(onTestFinished, { instances: INSTANCES, options: { spawnMs: 400 } });
    await bench.emulator.killHost('cmp1');
    const database = await newDatabase(server);
    const verdicts = [proven('cmp1', proofOf('cmp1'))];
    const running = await engineOn(bench, await openDatabase(server, database, { patienceMs: LEASE_MS / 3 }), 'ctl1 a');
    await eventually('some are on their way', async () => {
      await running.see(verdicts);
      return (await sent(bench)) >= 4;
    });
    return { bench, database, running, verdicts };
  };

  const expectAllMovedOnce = async (bench: EngineBench): Promise<void> => {
    const state = await bench.emulator.state();
    expect(state.instances.filter(({ host }) => host === 'cmp1')).toEqual([]);
    expect(state.instances.every(({ vmState }) => vmState === 'active')).toBe(true);
    expect(await bench.emulator.evacuateCalls()).toHaveLength(INSTANCES);
    expect(await bench.emulator.doubleRuns()).toEqual([]);
  };

  for (const [what, awayMs, leave, comeBack] of [
    ['dies', DEAD_MS, (it: DatabaseServer) => it.stop('kill'), (it: DatabaseServer) => it.start()],
    ['hangs', HUNG_MS, async (it: DatabaseServer) => it.freeze(), async (it: DatabaseServer) => it.thaw()],
  ] as const) {
    it(`is held when the database ${what} in the middle, does nothing, and ends well by itself when it is back`, async ({
      onTestFinished,
    }) => {
      const { bench, running, verdicts } = await halfWay(onTestFinished);
      await leave(server);
      const leftAtMs = performance.now();
      const hold = await eventually(
        'it says that the store is unusable',
        async () => {
          await running.see(verdicts);
          return running.engine.ownHold;
        },
        { withinMs: 15_000, everyMs: 100 },
      );
      expect(hold.kind).toBe('store-unusable');
      expect(hold.reason).toMatch(/^the store (does not answer: |has not answered for ).*\[STORE_UNUSABLE\]$/);
      const sentSoFar = await sent(bench);
      expect(sentSoFar).toBeLessThan(INSTANCES);
      await eventually(
        'it has been away for long',
        async () => {
          await running.see(verdicts);
          return performance.now() - leftAtMs > awayMs;
        },
        { withinMs: awayMs + 5_000, everyMs: 200 },
      );
      expect(await sent(bench), 'evacuations sent while it was away').toBe(sentSoFar);
      expect(running.engine.recoveries[0]?.recovery.hold?.kind).toBe('store-unusable');
      await comeBack(server);
      await eventually(
        'it is recovered',
        async () => {
          await running.see(verdicts);
          return running.engine.recoveries[0]?.recovery.state === 'recovered';
        },
        { withinMs: 40_000, everyMs: 50 },
      );
      expect(running.engine.ownHold).toBeUndefined();
      await expectAllMovedOnce(bench);
      await bench.emulator.returnHost('cmp1');
      await untilRecovery(running, 'cmp1', 'released', [up('cmp1')]);
      await running.stop();
    });
  }

  it('is taken over by the engine of another controller when the first one lost its way to the database', async ({
    onTestFinished,
  }) => {
    const { bench, database, running, verdicts } = await halfWay(onTestFinished);
    // Nobody may log in any more who comes as the first one did; what is connected is cut.
    const second = await engineOn(
      bench,
      await cutOff(server, database, () => openDatabase(server, database, { user: 'second' })),
      'ctl2 b',
    );
    await untilRecovery(second, 'cmp1', 'recovered', verdicts);
    expect(running.engine.permission()?.kind).toBe('store-unusable');
    await running.see(verdicts);
    await server.admin((connection) => connection.query("ALTER USER 'lifeboat'@'%' ACCOUNT UNLOCK"));
    await eventually('the first one has stepped down', () => running.engine.phase === 'deposed', { withinMs: 20_000 });
    await expectAllMovedOnce(bench);
    await running.stop();
    await second.stop();
  });
});

async function cutOff<T>(server: DatabaseServer, database: string, next: () => Promise<T>): Promise<T> {
  await server.admin(async (connection) => {
    await connection.query("CREATE USER 'second'@'%' IDENTIFIED BY 'secret'");
    await connection.query(`GRANT ALL ON \`${database}\`.* TO 'second'@'%'`);
    await connection.query("ALTER USER 'lifeboat'@'%' ACCOUNT LOCK");
  });
  const query = "SELECT id FROM information_schema.processlist WHERE user = 'lifeboat'";
  for (const { id } of await server.rows<{ id: number }>(query)) await server.rows(`KILL ${id}`);
  return next();
}
