import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../src/bridge/index.ts';
import { systemRandomness } from '../../../src/edge/randomness.ts';
import { recoveryMark } from '../../../src/engine/mark.ts';
import type { Move } from '../../../src/engine/move.ts';
import { newRecovery } from '../../../src/engine/rebuild.ts';
import { LifeboatError } from '../../../src/errors.ts';
import type { Cloud, ComputeService } from '../../../src/openstack/cloud.ts';
import { eventually } from '../../support/eventually.ts';
import { engineBench, proofOf, proven, untilRecovery, up, type EngineBench } from './bench.ts';

function lost(node: string): Verdict {
  const hold = { kind: 'not-fenced', reason: 'nothing has fenced it yet', remedy: undefined } as const;
  return { state: 'lost', node, host: node, lostSinceMs: Date.now(), hold };
}

async function serviceOf(bench: EngineBench, host: string): Promise<ComputeService> {
  const service = (await bench.cloud.computeServices()).find((each) => each.host === host);
  if (service === undefined) throw new Error(`no service on ${host}`);
  return service;
}

const UNAVAILABLE = new LifeboatError('CLOUD_UNAVAILABLE', '503');

describe('an engine on a hard day', () => {
  it.concurrent(
    'counts the settle time from when the call was cut off, not from when it was sent (S3)',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished, { instances: 1 });
      await bench.emulator.killHost('cmp1');
      const sentAt: number[] = [];
      const cutAt: number[] = [];
      const cloud: Cloud = {
        ...bench.cloud,
        evacuate: async () => {
          sentAt.push(performance.now());
          await setTimeout(500);
          cutAt.push(performance.now());
          throw new LifeboatError('CLOUD_TIMED_OUT', 'no answer');
        },
      };
      const running = await bench.start({ cloud, limits: { settleMs: 600 } });
      await running.see([proven('cmp1')]);
      await eventually('it is sent again', () => sentAt.length > 1);
      expect((sentAt[1] ?? 0) - (cutAt[0] ?? 0)).toBeGreaterThanOrEqual(600);
      await running.stop();
    },
  );

  it.concurrent(
    'that is restarted does not forget that it heard nova-compute after the fencing (S9)',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished, { instances: 2 });
      const sent: string[] = [];
      let isBeating = true;
      let updatedAtMs = Date.now() + 10_000;
      const cloud: Cloud = {
        ...bench.cloud,
        computeServices: async (signal) => {
          if (isBeating) updatedAtMs += 300;
          const services = await bench.cloud.computeServices(signal);
          return services.map((service) => (service.host === 'cmp1' ? { ...service, updatedAtMs } : service));
        },
        evacuate: async (id) => {
          sent.push(id);
        },
      };
      const verdict = proven('cmp1', proofOf('cmp1', Date.now() - 10_000));
      const limits = { witnessSilenceMs: 400 };
      const first = await bench.start({ cloud, limits });
      await untilRecovery(first, 'cmp1', 'held', [verdict]);
      await eventually(
        'it is certain',
        () => first.engine.recoveries[0]?.recovery.isolation?.aliveSinceMs !== undefined,
      );
      await first.stop();
      isBeating = false; // its network is cut, its guests run on

      for (const store of ['engine', 'other-controller']) {
        const next = await bench.start({ cloud, limits, store: await bench.openStore(store) });
        const until = Date.now() + 1_000;
        await eventually('more than the silence has passed', async () => {
          await next.see([verdict]);
          return Date.now() > until;
        });
        expect(next.engine.recoveries[0]?.recovery.hold?.kind, store).toBe('heartbeat');
        await next.stop();
      }
      expect(sent).toEqual([]);
    },
  );

  it.concurrent('forces a lost host down again when Nova refused it the first time', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 3 });
    await bench.emulator.killHost('cmp1');
    const { id } = await serviceOf(bench, 'cmp2');
    let refused = 0;
    const cloud: Cloud = {
      ...bench.cloud,
      setForcedDown: async (serviceId, forcedDown, signal) => {
        if (serviceId === id && refused++ === 0) throw UNAVAILABLE;
        return bench.cloud.setForcedDown(serviceId, forcedDown, signal);
      },
    };
    const running = await bench.start({ cloud });
    const verdict = proven('cmp1');
    await eventually('cmp2 is forced down', async () => {
      await running.see([verdict, lost('cmp2')]);
      return (await serviceOf(bench, 'cmp2')).forcedDown;
    });
    await running.stop();
  });

  it.concurrent(
    'never touches a host as a suspect that has a recovery of its own by now (S6)',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished, { instances: 2, options: { spawnMs: 20_000 } });
      await bench.emulator.addInstances('cmp3', 2, 'c');
      for (const host of ['cmp1', 'cmp2', 'cmp3']) await bench.emulator.killHost(host);
      const [two, three] = [await serviceOf(bench, 'cmp2'), await serviceOf(bench, 'cmp3')];
      const cloud: Cloud = {
        ...bench.cloud,
        setForcedDown: async (id, forcedDown, signal) => {
          if (id === two.id) await setTimeout(300);
          return bench.cloud.setForcedDown(id, forcedDown, signal);
        },
      };
      const running = await bench.start({ cloud, limits: { parallel: 1 } });
      const [one, other] = [proven('cmp1'), proven('cmp3')];
      await running.see([one, lost('cmp2'), lost('cmp3')]);
      await setTimeout(100);
      const until = Date.now() + 1_000;
      await eventually('a round of suspects has passed', async () => {
        await running.see([one, lost('cmp2'), other]);
        return Date.now() > until;
      });
      await running.see([one, lost('cmp2'), up('cmp3')]);
      await setTimeout(100);
      expect(await serviceOf(bench, 'cmp3')).toMatchObject({ id: three.id, forcedDown: true, status: 'disabled' });
      expect((await serviceOf(bench, 'cmp3')).disabledReason).toContain('its instances are evacuated');
      await running.stop();
    },
  );

  it.concurrent('gives a host back whose release was cut off in the middle', async ({ onTestFinished }) => {
    for (const storeName of ['engine', 'other-controller']) {
      const bench = await engineBench(onTestFinished, { instances: 0 });
      const proof = proofOf('cmp2', Date.now() - 600_000);
      const { id } = await serviceOf(bench, 'cmp2');
      await bench.cloud.setForcedDown(id, true);
      await bench.cloud.disableService(id, recoveryMark(proof, false, Date.now()));
      await bench.cloud.setForcedDown(id, false);
      const store = await bench.formerStore(storeName);
      if (storeName === 'engine') {
        const made = newRecovery({ host: 'cmp2', node: 'cmp2', proof, lostSinceMs: 1, now: 2 }, systemRandomness);
        const isolation = { serviceId: id, wasDisabled: false, baselineUpdatedAtMs: undefined, baselineReadAtMs: 0 };
        await store.addRecovery(made.notification, { ...made.recovery, state: 'recovered', isolation });
      }
      const running = await bench.start({ store });
      await untilRecovery(running, 'cmp2', 'released', [up('cmp2')]);
      expect((await serviceOf(bench, 'cmp2')).status).toBe('enabled');
      await running.stop();
    }
  });

  it.concurrent(
    'makes an instance what it was on its new host, also when nova-compute of the old one is heard meanwhile',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished, { instances: 0, options: { spawnMs: 400 } });
      await bench.emulator.addInstance({ host: 'cmp1', name: 'paused', vmState: 'paused' });
      await bench.emulator.killHost('cmp1');
      let updatedAtMs = Date.now() + 10_000;
      const cloud: Cloud = {
        ...bench.cloud,
        computeServices: async (signal) => {
          const isBeating = (await bench.emulator.evacuateCalls()).length > 0;
          if (isBeating) updatedAtMs += 2_000;
          const services = await bench.cloud.computeServices(signal);
          return services.map((service) =>
            service.host === 'cmp1' && isBeating ? { ...service, updatedAtMs } : service,
          );
        },
      };
      const running = await bench.start({ cloud });
      const verdict = proven('cmp1');
      await untilRecovery(running, 'cmp1', 'held', [verdict]);
      expect(running.engine.recoveries[0]?.recovery.hold?.kind).toBe('heartbeat');
      await untilRecovery(running, 'cmp1', 'recovered', [verdict]);
      expect((await bench.emulator.state()).instances[0]).toMatchObject({ vmState: 'paused' });
      await running.stop();
    },
  );

  it.concurrent(
    'asks again about unanswered fencings when Nova did not answer the first time',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished, { instances: 2 });
      let asked = 0;
      const cloud: Cloud = {
        ...bench.cloud,
        evacuationsFrom: async (...question) => {
          if (asked++ === 0) throw UNAVAILABLE;
          return bench.cloud.evacuationsFrom(...question);
        },
      };
      const fencing = {
        target: 'cmp1',
        action: 'reboot',
        status: 'success',
        client: 'pacemaker-controld.1',
        origin: 'ctl1',
        delegate: 'ctl2',
        completedAtMs: Date.now() + 5_000,
        exitReason: undefined,
      } as const;
      const running = await bench.start({ cloud });
      await eventually('it is told', async () => {
        await running.see([up('cmp1')], { fencings: [fencing] });
        return running.missed.length === 1;
      });
      await running.stop();
    },
  );

  it.concurrent('on the controller of an old store recovers what is on the host today', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 2 });
    const store = await bench.formerStore();
    const [instance] = await bench.cloud.instancesOn('cmp1');
    const old = proofOf('cmp1', Date.now() - 86_400_000);
    const made = newRecovery({ host: 'cmp1', node: 'cmp1', proof: old, lostSinceMs: 1, now: 2 }, systemRandomness);
    await store.addRecovery(made.notification, { ...made.recovery, state: 'evacuating' });
    const done: Move = {
      id: 'm0',
      recoveryId: made.recovery.id,
      instanceId: instance?.id ?? '',
      name: 'web-1',
      state: 'done',
      reason: undefined,
      sourceHost: 'cmp1',
      targetHost: 'cmp3',
      formerVmState: 'active',
      wantedState: 'active',
      failures: 0,
      pastEvacuationId: 0,
      sentAtMs: 1,
      acceptedAtMs: 1,
      endedAtMs: 2,
    };
    await store.saveMoves([done]);
    await bench.emulator.killHost('cmp1');
    const running = await bench.start({ store });
    await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1')]);
    expect(await bench.cloud.instancesOn('cmp1')).toEqual([]);
    await running.stop();
  });

  it.concurrent(
    'holds nothing that was heard before against a host that failed again (S9)',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished, { instances: 2 });
      const store = await bench.formerStore();
      const { id } = await serviceOf(bench, 'cmp1');
      const old = proofOf('cmp1', Date.now() - 600_000);
      await bench.cloud.setForcedDown(id, true);
      await bench.cloud.disableService(id, recoveryMark(old, false, old.completedAtMs, 'alive'));
      const made = newRecovery({ host: 'cmp1', node: 'cmp1', proof: old, lostSinceMs: 1, now: 2 }, systemRandomness);
      const isolation = {
        serviceId: id,
        wasDisabled: false,
        baselineUpdatedAtMs: old.completedAtMs,
        baselineReadAtMs: old.completedAtMs,
        aliveSinceMs: old.completedAtMs,
      };
      await store.addRecovery(made.notification, { ...made.recovery, state: 'failed', isolation });
      await bench.emulator.killHost('cmp1');
      const running = await bench.start({ store, limits: { settleMs: 60_000 } });
      await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1')]);
      await running.stop();
    },
  );

  it.concurrent('shows a hold while Nova answers everything but one evacuation', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 2 });
    await bench.emulator.killHost('cmp1');
    const [stubborn] = await bench.cloud.instancesOn('cmp1');
    let isBroken = true;
    const cloud: Cloud = {
      ...bench.cloud,
      evacuate: async (id, target, signal) => {
        if (isBroken && id === stubborn?.id) throw new LifeboatError('CLOUD_UNAVAILABLE', '500');
        return bench.cloud.evacuate(id, target, signal);
      },
    };
    const running = await bench.start({ cloud, limits: { settleMs: 150, cloudPatienceMs: 300 } });
    const verdict = proven('cmp1');
    await untilRecovery(running, 'cmp1', 'held', [verdict]);
    expect(running.engine.recoveries[0]?.recovery.hold?.kind).toBe('cloud-unavailable');
    isBroken = false;
    await untilRecovery(running, 'cmp1', 'recovered', [verdict]);
    await running.stop();
  });

  it.concurrent(
    'shows a proven host that it cannot write down, does nothing for it, and begins when it can',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished, { instances: 2 });
      await bench.emulator.killHost('cmp1');
      const store = await bench.openStore();
      let isFull = true;
      const full = {
        ...store,
        addRecovery: async (...rows: Parameters<typeof store.addRecovery>) => {
          if (isFull) throw new Error('database or disk is full');
          return store.addRecovery(...rows);
        },
      };
      const running = await bench.start({ store: full });
      const verdict = proven('cmp1');
      await running.see([verdict]);
      expect(running.engine.unwritten.get('cmp1')).toMatchObject({
        kind: 'store-unusable',
        reason: 'database or disk is full',
      });
      expect((await bench.emulator.requests()).filter(({ method }) => method === 'PUT')).toEqual([]);
      isFull = false;
      await untilRecovery(running, 'cmp1', 'recovered', [verdict]);
      expect(running.engine.unwritten.size).toBe(0);
      await running.stop();
    },
  );
});
