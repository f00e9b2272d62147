import { describe, expect, it } from 'vitest';
import { DatabaseSync } from 'node:sqlite';
import { readMark } from '../../../src/engine/mark.ts';
import { LifeboatError } from '../../../src/errors.ts';
import type { Cloud } from '../../../src/openstack/cloud.ts';
import { eventually } from '../../support/eventually.ts';
import { engineBench, proofOf, proven, untilRecovery, up, type EngineBench, type RunningEngine } from './bench.ts';

const WHO = { by: 'root', reason: 'there is room now' };

type CleanUps = (cleanUp: () => Promise<void>) => void;

/** A cloud that refuses every evacuation while `isFull`. */
function fullCloud(bench: EngineBench): { readonly cloud: Cloud; isFull: boolean } {
  const full = {
    isFull: true,
    cloud: {
      ...bench.cloud,
      evacuate: async (...call: Parameters<Cloud['evacuate']>) => {
        if (full.isFull) throw new LifeboatError('CLOUD_BAD_REQUEST', 'there is no room');
        return bench.cloud.evacuate(...call);
      },
    } satisfies Cloud,
  };
  return full;
}

function newest({ engine }: RunningEngine): RunningEngine['engine']['recoveries'][number] {
  const [run] = engine.recoveries;
  if (run === undefined) throw new Error('no recovery');
  return run;
}

function notificationStatus(bench: EngineBench, id: string): unknown {
  const database = new DatabaseSync(bench.storePath, { readOnly: true });
  try {
    return database.prepare('SELECT status FROM notification WHERE id = ?').get(id)?.status;
  } finally {
    database.close();
  }
}

async function failedRecovery(onTestFinished: CleanUps, instances = 2) {
  const bench = await engineBench(onTestFinished, { instances, options: { gate: false } });
  await bench.emulator.killHost('cmp1');
  const full = fullCloud(bench);
  const running = await bench.start({ cloud: full.cloud, limits: { attempts: 1 } });
  const proof = proofOf('cmp1');
  await untilRecovery(running, 'cmp1', 'failed', [proven('cmp1', proof)]);
  return { bench, full, running, verdicts: [proven('cmp1', proof)] };
}

describe('retry', () => {
  it.concurrent(
    'of a failed recovery waits for a new fencing, for the gate was open since, and then ends it finished (S6)',
    async ({ onTestFinished }) => {
      const { bench, full, running, verdicts } = await failedRecovery(onTestFinished);
      const { notificationId } = newest(running).recovery;
      expect(notificationStatus(bench, notificationId)).toBe('failed');
      expect(running.engine.gateOf('cmp1', 'nova-compute').gate).toBe('open');
      full.isFull = false;

      const answer = await running.engine.operator.retry('cmp1', WHO);
      expect(answer.outcome).toBe('done');
      expect(answer.lines[1]).toContain('stonith_admin --reboot cmp1');
      expect(running.engine.gateOf('cmp1', 'nova-compute').gate).toBe('closed');
      const marked = (await bench.cloud.computeServices()).find(({ host }) => host === 'cmp1');
      expect(
        readMark(marked?.disabledReason),
        'an engine without the store sends nothing on the old proof',
      ).toMatchObject({
        alive: true,
        ended: undefined,
      });
      expect(notificationStatus(bench, notificationId)).toBe('running');
      await eventually('it is held', async () => {
        await running.see(verdicts);
        return newest(running).recovery.hold?.kind === 'gate-was-open';
      });
      const old = proofOf('cmp1', Date.now() - 5_000);
      for (let look = 0; look < 20; look += 1) await running.see(verdicts, {}, [old]);
      expect(await bench.emulator.evacuateCalls(), 'a fencing from before the retry proves nothing').toEqual([]);

      const again = proofOf('cmp1', Date.now() + 1);
      await eventually('it is recovered', async () => {
        await running.see(verdicts, {}, [again]);
        return newest(running).recovery.state === 'recovered';
      });
      expect(await bench.emulator.evacuateCalls()).toHaveLength(2);
      expect(notificationStatus(bench, notificationId), 'what ends well on retry has ended well').toBe('finished');
      await running.stop();
    },
  );

  it.concurrent(
    'of a failed recovery outlives the engine: the next one waits for the same',
    async ({ onTestFinished }) => {
      const { bench, full, running, verdicts } = await failedRecovery(onTestFinished);
      full.isFull = false;
      await running.engine.operator.retry('cmp1', WHO);
      await running.stop();
      for (const store of ['engine', 'other-controller']) {
        const next = await bench.start({ store: await bench.openStore(store) });
        await eventually('it is held', async () => {
          await next.see(verdicts);
          return ['gate-was-open', 'heartbeat'].includes(newest(next).recovery.hold?.kind ?? '');
        });
        await next.stop();
      }
      expect(await bench.emulator.evacuateCalls()).toEqual([]);
    },
  );

  it.concurrent('of a failed recovery is forgotten when its host comes back instead', async ({ onTestFinished }) => {
    const { bench, running, verdicts } = await failedRecovery(onTestFinished);
    await running.engine.operator.retry('cmp1', WHO);
    await eventually('it is held', async () => {
      await running.see(verdicts);
      return newest(running).recovery.state === 'held';
    });
    await bench.emulator.returnHost('cmp1');
    await untilRecovery(running, 'cmp1', 'released', [up('cmp1')]);
    expect(newest(running).moves.map(({ reason }) => reason)).toEqual(
      Array(2).fill('cancelled by lifeboat: cmp1 came back before it was fenced again'),
    );
    await running.stop();
  });

  it.concurrent('of one that has not ended sends its failed moves again at once', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 3, options: { spawnMs: 1_500 } });
    await bench.emulator.killHost('cmp1');
    let refusals = 0;
    const cloud: Cloud = {
      ...bench.cloud,
      evacuate: async (...call) => {
        if (refusals++ === 0) throw new LifeboatError('CLOUD_BAD_REQUEST', 'not now');
        return bench.cloud.evacuate(...call);
      },
    };
    const running = await bench.start({ cloud, limits: { attempts: 1 } });
    const verdicts = [proven('cmp1')];
    await eventually('one has failed, two are on their way', async () => {
      await running.see(verdicts);
      const states = newest(running).moves.map(({ state }) => state);
      return states.includes('failed') && states.filter((state) => state === 'accepted').length === 2;
    });
    const failed = newest(running).moves.find(({ state }) => state === 'failed');
    expect(await running.engine.operator.retry(failed?.instanceId ?? '', WHO)).toMatchObject({ outcome: 'done' });
    await untilRecovery(running, 'cmp1', 'recovered', verdicts);
    expect(await bench.emulator.evacuateCalls()).toHaveLength(3);
    await running.stop();
  });

  it.concurrent('is refused, with the reason, when there is nothing to try again', async ({ onTestFinished }) => {
    const { bench, running, verdicts } = await failedRecovery(onTestFinished);
    const { operator } = running.engine;
    const refusal = async (target: string): Promise<string> => {
      const answer = await operator.retry(target, WHO);
      expect(answer.outcome).toBe('refused');
      return answer.lines.join();
    };
    expect(await refusal('cmp9')).toBe('no recovery of cmp9 is known here, be it a host, a recovery or an instance');
    await running.see(verdicts, { quorate: false });
    expect(await refusal('cmp1')).toContain('has no quorum');
    await running.see([up('cmp1')]);
    expect(await refusal('cmp1')).toContain('cmp1 is up, so nothing may be evacuated');
    await bench.emulator.returnHost('cmp1');
    await untilRecovery(running, 'cmp1', 'released', [up('cmp1')]);
    expect(await refusal('cmp1')).toContain('is over (released)');
    expect(newest(running).recovery.orders.reopened).toBeUndefined();
    await running.stop();
  });

  it.concurrent(
    'keeps the host from being given back while Nova is told: a mark that lands after that would disable it',
    async ({ onTestFinished }) => {
      const { bench, running, full } = await failedRecovery(onTestFinished);
      const arrived = Promise.withResolvers<void>();
      const asked = Promise.withResolvers<void>();
      const disableService: Cloud['disableService'] = async (...call) => {
        asked.resolve();
        await arrived.promise;
        return bench.cloud.disableService(...call);
      };
      (full.cloud as { disableService: Cloud['disableService'] }).disableService = disableService;
      const answer = running.engine.operator.retry('cmp1', WHO);
      await asked.promise;
      await bench.emulator.returnHost('cmp1');
      for (let look = 0; look < 20; look += 1) await running.see([up('cmp1')]);
      expect(newest(running).recovery.state).toBe('failed');
      arrived.resolve();
      expect(await answer).toMatchObject({ outcome: 'done' });
      await untilRecovery(running, 'cmp1', 'released', [up('cmp1')]);
      const cmp1 = (await bench.emulator.state()).hosts.find(({ name }) => name === 'cmp1');
      expect(cmp1).toMatchObject({ forcedDown: false, status: 'enabled' });
      await running.stop();
    },
  );

  it.concurrent('changes nothing when Nova cannot be told', async ({ onTestFinished }) => {
    const { running, full } = await failedRecovery(onTestFinished);
    (full.cloud as { disableService: Cloud['disableService'] }).disableService = () =>
      Promise.reject(new LifeboatError('CLOUD_UNAVAILABLE', '503'));
    expect((await running.engine.operator.retry('cmp1', WHO)).lines.join()).toContain('503');
    expect(newest(running).recovery.state).toBe('failed');
    await running.stop();
  });
});

describe('cancel', () => {
  it.concurrent(
    'sends nothing more, follows what is in flight, keeps the host out, and says what is left',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished, { instances: 5, options: { spawnMs: 300 } });
      await bench.emulator.killHost('cmp1');
      const running = await bench.start({ limits: { parallel: 2 } });
      const verdicts = [proven('cmp1')];
      await eventually('two are on their way', async () => {
        await running.see(verdicts);
        return running.engine.recoveries[0]?.moves.filter(({ state }) => state === 'accepted').length === 2;
      });
      const answer = await running.engine.operator.cancel('cmp1', { by: 'root', reason: 'the wrong rack' });
      expect(answer.lines[0]).toBe('nothing more is sent for cmp1: 2 are on their way, 3 are left, 0 have moved');
      await untilRecovery(running, 'cmp1', 'failed', verdicts);
      expect(
        newest(running)
          .moves.map(({ state }) => state)
          .toSorted(),
      ).toEqual([...Array<string>(2).fill('done'), ...Array<string>(3).fill('failed')]);
      expect(newest(running).recovery.reason).toBe('2 of 5 instances recovered; cancelled by root: the wrong rack');
      expect(await bench.emulator.evacuateCalls()).toHaveLength(2);
      expect((await bench.emulator.state()).hosts.find(({ name }) => name === 'cmp1')?.forcedDown).toBe(true);
      expect(await running.engine.operator.cancel('cmp1', WHO)).toMatchObject({ outcome: 'refused' });
      await running.stop();
    },
  );

  it.concurrent('holds also for an engine that comes after this one (S4)', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 3, options: { spawnMs: 500 } });
    await bench.emulator.killHost('cmp1');
    const first = await bench.start({ limits: { parallel: 1 } });
    const verdicts = [proven('cmp1')];
    await eventually('one is on its way', async () => {
      await first.see(verdicts);
      return first.engine.recoveries[0]?.moves.some(({ state }) => state === 'accepted');
    });
    await first.engine.operator.cancel('cmp1', WHO);
    await first.stop();
    const second = await bench.start();
    await untilRecovery(second, 'cmp1', 'failed', verdicts);
    expect(await bench.emulator.evacuateCalls()).toHaveLength(1);
    await second.stop();
  });

  it.concurrent('is taken back by retry while the recovery has not ended', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 3, options: { spawnMs: 1_000 } });
    await bench.emulator.killHost('cmp1');
    const running = await bench.start({ limits: { parallel: 1 } });
    const verdicts = [proven('cmp1')];
    await eventually('one is on its way', async () => {
      await running.see(verdicts);
      return running.engine.recoveries[0]?.moves.some(({ state }) => state === 'accepted');
    });
    await running.engine.operator.cancel('cmp1', WHO);
    await eventually(
      'the others are left',
      () => newest(running).moves.filter(({ state }) => state === 'failed').length === 2,
    );
    expect(await running.engine.operator.retry('cmp1', WHO)).toMatchObject({ outcome: 'done' });
    await untilRecovery(running, 'cmp1', 'recovered', verdicts);
    expect(await bench.emulator.evacuateCalls()).toHaveLength(3);
    await running.stop();
  });
});

describe('acknowledge', () => {
  it.concurrent(
    'takes a failed recovery off the list, names what is left, and outlives the engine',
    async ({ onTestFinished }) => {
      const { bench, running } = await failedRecovery(onTestFinished);
      const answer = await running.engine.operator.acknowledge('cmp1', WHO);
      expect(answer.outcome).toBe('done');
      expect(answer.lines[1]).toMatch(/^not moved, and yours to see to: web-\d \(.*\), web-\d \(.*\)$/);
      await running.stop();
      const next = await bench.start();
      expect(newest(next).recovery.orders.acknowledged).toMatchObject(WHO);
      await next.stop();
    },
  );

  it.concurrent('is refused for what is at work and for what ended well', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 1, options: { spawnMs: 500 } });
    await bench.emulator.killHost('cmp1');
    const running = await bench.start();
    await running.see([proven('cmp1')]);
    await eventually('it is there', () => running.engine.recoveries.length === 1);
    const { operator } = running.engine;
    expect((await operator.acknowledge('cmp1', WHO)).lines.join()).toContain('lifeboat cancel cmp1');
    await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1', newest(running).recovery.proof)]);
    expect((await operator.acknowledge('cmp1', WHO)).lines.join()).toBe('nothing of cmp1 waits for you (recovered)');
    await running.stop();
  });
});

describe('what an operator names', () => {
  it.concurrent('may be an instance by its name, unless several have that name', async ({ onTestFinished }) => {
    const { running } = await failedRecovery(onTestFinished, 2);
    const [one] = newest(running).moves;
    const { operator } = running.engine;
    expect((await operator.cancel(one?.name ?? '', WHO)).lines.join()).toContain('only a whole recovery');
    expect(await operator.retry(newest(running).recovery.id, WHO)).toMatchObject({ outcome: 'done' });
    await running.stop();
  });
});
