import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../../src/bridge/verdict.ts';
import { LifeboatError } from '../../../../src/errors.ts';
import type { Cloud } from '../../../../src/openstack/cloud.ts';
import { eventually } from '../../../support/eventually.ts';
import { engineBench, proven, up, type EngineBench, type RunningEngine } from '../bench.ts';
import { ALL, hostOf, segmentOf } from '../registry/bench.ts';

const LIMITS = {
  ...{ stopTimeoutMs: 5_000, startTimeoutMs: 5_000, settleMs: 1_000, attempts: 3, restarts: 2, withinMs: 600_000 },
  ...({ whenExhausted: { kind: 'give-up' }, select: 'all' } as const),
};

async function report(running: RunningEngine, instance: string, detail = 'STOPPED_FAILED'): Promise<string> {
  const { registry } = running.engine;
  if ((await registry.segments(ALL)).every(({ name }) => name !== 'a')) {
    const { uuid } = await registry.addSegment(segmentOf('a'));
    await registry.addHost(uuid, hostOf('cmp1'));
  }
  const payload = { event: 'LIFECYCLE', instance_uuid: instance, vir_domain_event: detail };
  const made = await registry.notify({ type: 'VM', hostname: 'cmp1', generatedAtMs: Date.now(), payload });
  return made.uuid;
}

async function untilEnded(running: RunningEngine, uuid: string, verdicts: readonly Verdict[]): Promise<string> {
  return eventually('it has ended', async () => {
    await running.see(verdicts);
    const { message, status } = await running.engine.registry.notification(uuid);
    return ['finished', 'failed', 'ignored'].includes(status) ? `${status}: ${message ?? ''}` : undefined;
  });
}

const VERDICTS = [up('cmp1'), up('cmp2')];

async function firstInstance(bench: EngineBench): Promise<string> {
  return (await bench.emulator.state()).instances[0]?.id ?? '';
}

/** How often Nova was told what. */
function counting(bench: EngineBench): { readonly cloud: Cloud; readonly calls: string[] } {
  const calls: string[] = [];
  const cloud: Cloud = {
    ...bench.cloud,
    act: async (id, action, signal) => {
      calls.push(action);
      return bench.cloud.act(id, action, signal);
    },
  };
  return { cloud, calls };
}

describe('the recovery of an instance', () => {
  it.concurrent('stops and starts it once, and says when it was seen running', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 1 });
    const { cloud, calls } = counting(bench);
    const running = await bench.start({ cloud, more: { instanceFailure: LIMITS } });
    await running.see(VERDICTS);
    const id = await firstInstance(bench);
    const uuid = await report(running, id);
    expect(await untilEnded(running, uuid, VERDICTS)).toBe('finished: it was started again on cmp1');
    expect(calls).toEqual(['stop', 'start']);
    const tasks = await running.engine.registry.progress(uuid);
    expect(tasks.map(({ name, state }) => [name, state])).toEqual([
      ['stop_instance_task', 'SUCCESS'],
      ['start_instance_task', 'SUCCESS'],
    ]);
    await running.stop();
  });

  it.concurrent('restarts it once for a death that is told twice', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 1 });
    const { cloud, calls } = counting(bench);
    const running = await bench.start({ cloud, more: { instanceFailure: LIMITS } });
    await running.see(VERDICTS);
    const id = await firstInstance(bench);
    const told = [await report(running, id), await report(running, id, 'STOPPED_CRASHED')];
    const ends = await Promise.all(told.map((uuid) => untilEnded(running, uuid, VERDICTS)));
    expect(ends).toEqual([
      'finished: it was started again on cmp1',
      'ignored: its guest was begun anew since the report (start), so nothing is done',
    ]);
    expect(calls).toEqual(['stop', 'start']);
    await running.stop();
  });

  it.concurrent('does nothing for what is no failure, and for what is not selected', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 1 });
    const { cloud, calls } = counting(bench);
    const running = await bench.start({ cloud, more: { instanceFailure: { ...LIMITS, select: 'marked' } } });
    await running.see(VERDICTS);
    const id = await firstInstance(bench);
    expect(await untilEnded(running, await report(running, id, 'STOPPED_DESTROYED'), VERDICTS)).toContain('recorded');
    expect(await untilEnded(running, await report(running, id), VERDICTS)).toContain('HA_Enabled');
    expect(calls).toEqual([]);
    await running.stop();
  });

  it.concurrent(
    'waits while its host is lost, and leaves it to the recovery of the host',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished, { instances: 1 });
      const { cloud, calls } = counting(bench);
      const running = await bench.start({ cloud, more: { instanceFailure: LIMITS } });
      await running.see(VERDICTS);
      const id = await firstInstance(bench);
      await bench.emulator.killHost('cmp1');
      const hold = { kind: 'not-fenced', reason: 'nothing has fenced it yet', remedy: undefined } as const;
      const lost: Verdict = { state: 'lost', node: 'cmp1', host: 'cmp1', lostSinceMs: Date.now(), hold };
      await running.see([lost, up('cmp2')]);
      const uuid = await report(running, id);
      await eventually('it waits, and says so', async () => {
        await running.see([lost, up('cmp2')]);
        const { message } = await running.engine.registry.notification(uuid);
        return message?.startsWith('waits: cmp1 is lost');
      });
      const verdicts = [proven('cmp1'), up('cmp2')];
      await eventually('the host is recovered', async () => {
        await running.see(verdicts);
        return running.engine.recoveries[0]?.recovery.state === 'recovered';
      });
      await bench.emulator.returnHost('cmp1');
      expect(await untilEnded(running, uuid, VERDICTS)).toMatch(/^ignored: it is on cmp\d now, and not on cmp1$/);
      expect(calls).toEqual([]);
      await running.stop();
    },
  );

  it.concurrent(
    'is started where the recovery of its host has brought it, when that died before the start (S4)',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished, { instances: 1 });
      const { cloud, calls } = counting(bench);
      let hasDied = false;
      const dying: Cloud = {
        ...cloud,
        act: async (id, action, signal) => {
          if (action === 'start' && !hasDied) {
            hasDied = true;
            await bench.emulator.killHost('cmp1');
            throw new LifeboatError('CLOUD_UNREACHABLE', 'killed with its host');
          }
          return cloud.act(id, action, signal);
        },
      };
      const running = await bench.start({ cloud: dying, more: { instanceFailure: LIMITS } });
      await running.see(VERDICTS);
      const uuid = await report(running, await firstInstance(bench));
      await eventually('its host has died', async () => {
        if (!hasDied) await running.see(VERDICTS);
        return hasDied;
      });
      const ended = await untilEnded(running, uuid, [proven('cmp1'), up('cmp2'), up('cmp3'), up('cmp4')]);
      expect(ended).toMatch(/^finished: it was started again on cmp[234]$/);
      expect(calls).toEqual(['stop', 'start']);
      const [instance] = (await bench.emulator.state()).instances;
      expect(instance).toMatchObject({ vmState: 'active', runsOn: [instance?.host] });
      expect(await bench.emulator.doubleRuns()).toEqual([]);
      await running.stop();
    },
  );

  it.concurrent(
    'is migrated when it was needed too often, which the recovery of its host ends when that dies in the middle (S3)',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished, { instances: 1, options: { spawnMs: 2_000 } });
      const { cloud, calls } = counting(bench);
      const whenExhausted = { kind: 'migrate', timeoutMs: 60_000, againAfterMs: 600_000 } as const;
      const instanceFailure = { ...LIMITS, restarts: 0, whenExhausted };
      const running = await bench.start({ cloud, more: { instanceFailure } });
      await running.see(VERDICTS);
      const uuid = await report(running, await firstInstance(bench));
      const instance = async () => (await bench.emulator.state()).instances[0];
      await eventually('it is being copied', async () => {
        await running.see(VERDICTS);
        return (await instance())?.taskState === 'resize_migrating';
      });
      await bench.emulator.killHost('cmp1');
      await bench.emulator.setOptions({ spawnMs: 40 });
      const ended = await untilEnded(running, uuid, [proven('cmp1'), up('cmp2'), up('cmp3'), up('cmp4')]);
      expect(ended).toMatch(/^finished: it was restarted too often on cmp1, and started again on cmp[234]$/);
      expect(calls).toEqual(['stop', 'migrate', 'start']);
      expect(await bench.emulator.evacuateCalls()).toMatchObject([{ outcome: 'accepted' }]);
      const last = await instance();
      expect(last).toMatchObject({ vmState: 'active', taskState: null, runsOn: [last?.host] });
      expect(await bench.emulator.doubleRuns()).toEqual([]);
      await running.stop();
    },
  );

  it.concurrent('is given up when it was needed too often', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 1 });
    const running = await bench.start({
      more: { instanceFailure: LIMITS, notifications: { duplicateIntervalMs: 0, claimPatienceMs: 60_000 } },
    });
    await running.see(VERDICTS);
    const id = await firstInstance(bench);
    const ends: string[] = [];
    for (let time = 0; time < 3; time += 1) {
      ends.push(await untilEnded(running, await report(running, id), VERDICTS));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(ends.map((end) => end.split(':')[0])).toEqual(['finished', 'finished', 'failed']);
    expect(ends[2]).toContain('restarted 2 times');
    await running.stop();
  });

  for (const moment of ['before', 'after'] as const) {
    for (const victim of ['stop', 'start'] as const) {
      it.concurrent(
        `is ended by the next engine when one dies just ${moment} the ${victim} (S4)`,
        async ({ onTestFinished }) => {
          const bench = await engineBench(onTestFinished, { instances: 1 });
          const store = await bench.openStore();
          let isDead = false;
          const cloud: Cloud = {
            ...bench.cloud,
            act: async (id, action, signal) => {
              if (isDead) return new Promise(() => undefined);
              if (action === victim && moment === 'after') await bench.cloud.act(id, action, signal);
              if (action === victim) {
                isDead = true;
                return new Promise(() => undefined);
              }
              return bench.cloud.act(id, action, signal);
            },
          };
          const doomed = await bench.start({ store, cloud, more: { instanceFailure: LIMITS } });
          await doomed.see(VERDICTS);
          const id = await firstInstance(bench);
          const uuid = await report(doomed, id);
          await eventually('it has died', async () => {
            if (!isDead) await doomed.see(VERDICTS);
            return isDead;
          });
          const next = await bench.start({ more: { instanceFailure: LIMITS } });
          await next.see(VERDICTS);
          expect(await untilEnded(next, uuid, VERDICTS)).toBe('finished: it was started again on cmp1');
          expect((await bench.emulator.state()).instances[0]).toMatchObject({ vmState: 'active', host: 'cmp1' });
          await next.stop();
          void doomed.engine.stop();
        },
      );
    }
  }
});
