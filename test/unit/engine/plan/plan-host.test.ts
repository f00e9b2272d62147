import { describe, expect, it } from 'vitest';
import type { PlanAnswer } from '../../../../src/engine/plan/answer-plan.ts';
import { eventually } from '../../../support/eventually.ts';
import { engineBench, inventoryOf, proven, SNAPSHOT, untilRecovery, up } from '../bench.ts';

type Planned = Extract<PlanAnswer, { outcome: 'planned' }>;

function planned(answer: PlanAnswer): Planned {
  if (answer.outcome !== 'planned') throw new Error(answer.reason);
  return answer;
}

const placesOf = (answer: PlanAnswer): readonly string[] =>
  planned(answer).plan.moves.map(({ name, place }) => `${name} ${place.kind === 'host' ? place.host : place.kind}`);

const ALL_UP = ['cmp1', 'cmp2', 'cmp3', 'cmp4'].map((node) => up(node));

describe('the plan of a host', () => {
  it.concurrent('is what its recovery does then', async ({ onTestFinished }) => {
    const { emulator, start } = await engineBench(onTestFinished, { instances: 0 });
    await emulator.addInstance({ host: 'cmp1', name: 'web' });
    await emulator.addInstance({ host: 'cmp1', name: 'db', metadata: { 'lifeboat:priority': '900' } });
    await emulator.addInstance({ host: 'cmp1', name: 'resting', vmState: 'shelved' });
    const running = await start({ more: { inventory: await inventoryOf(emulator) }, limits: { parallel: 1 } });
    await running.see(ALL_UP);
    const answer = await running.engine.plan('cmp1');
    expect(planned(answer).obstacles).toEqual([]);
    const names = planned(answer).plan.moves.map(({ name, place }) => `${name} ${place.kind}`);
    expect(names).toEqual(['db host', 'web host', 'resting left']);

    await emulator.killHost('cmp1');
    await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1')]);
    const byId = new Map((await emulator.state()).instances.map(({ id, name }) => [id, name]));
    const sent = (await emulator.evacuateCalls()).map(({ instanceId }) => byId.get(instanceId));
    expect(sent).toEqual(['db', 'web']);
    await running.stop();
  });

  it.concurrent('knows what Placement has free, zones, and disabled hosts', async ({ onTestFinished }) => {
    const { emulator, start } = await engineBench(onTestFinished, { instances: 0 });
    await emulator.addHost({ name: 'small', vcpus: 2, memoryMb: 2_048 });
    await emulator.addHost({ name: 'far', zone: 'far' });
    for (const name of ['a', 'b']) await emulator.addInstance({ host: 'far', name, vcpus: 2 });
    for (const name of ['c', 'd', 'e']) await emulator.addInstance({ host: 'small', name, vcpus: 1, memoryMb: 900 });
    const running = await start({ more: { inventory: await inventoryOf(emulator) } });
    await running.see([...ALL_UP, up('small'), up('far')]);
    expect(placesOf(await running.engine.plan('far')), 'no other host in its zone').toEqual(['b none', 'a none']);
    expect(placesOf(await running.engine.plan('small')).every((each) => / cmp\d$/.test(each))).toBe(true);
    const across = { everyMs: 0, acrossZones: true };
    const wide = await start({
      more: { inventory: await inventoryOf(emulator), capacity: across },
      store: await wideStore(),
    });
    await wide.see([...ALL_UP, up('small'), up('far')]);
    expect(placesOf(await wide.engine.plan('far')).every((each) => / cmp\d$/.test(each))).toBe(true);
    await running.stop();
    await wide.stop();

    async function wideStore(): ReturnType<Awaited<ReturnType<typeof engineBench>>['openStore']> {
      const other = await engineBench(onTestFinished, { instances: 0 });
      return other.openStore();
    }
  });

  it.concurrent('names what would hold the recovery', async ({ onTestFinished }) => {
    const { emulator, start } = await engineBench(onTestFinished);
    const running = await start({ more: { inventory: await inventoryOf(emulator) } });
    await running.see([up('cmp1')], { quorate: false, options: { ...SNAPSHOT.options, stonithEnabled: false } });
    const reasons = async (host: string): Promise<readonly string[]> =>
      planned(await running.engine.plan(host)).obstacles.map(({ reason }) => reason);
    expect(await reasons('CMP1')).toEqual([
      'the partition of ctl1 has no quorum',
      'fencing is disabled: no host can be proven down',
    ]);
    await running.see([{ state: 'hands-off', node: 'cmp1', host: 'cmp1', reason: 'in standby' }]);
    expect(await reasons('cmp1')).toEqual(['in standby']);
    expect(await reasons('cmp2')).toEqual(['no cluster node is matched to cmp2: its loss would not be noticed']);
    const unknown = await running.engine.plan('cmp77');
    expect(unknown.outcome === 'refused' && unknown.reason).toContain('Nova has no compute service on cmp77');
    await running.stop();
  });

  it.concurrent('names a storm and a disabled segment among what would hold it', async ({ onTestFinished }) => {
    const { emulator, start } = await engineBench(onTestFinished);
    const host = { type: 'COMPUTE', controlAttributes: 'SSH', reserved: false, onMaintenance: false };
    const off = { name: 'rack', description: undefined, serviceType: 'COMPUTE', recoveryMethod: 'auto' } as const;
    const segments = [{ ...off, enabled: false, hosts: [{ ...host, name: 'cmp4' }] }];
    const one = { hosts: 1, percent: 1 };
    const storm = { windowMs: 300_000, coolDownMs: 300_000, cluster: one, segment: one };
    const more = { inventory: await inventoryOf(emulator), segments, storm };
    for (const name of ['cmp1', 'cmp2']) await emulator.killHost(name);
    const running = await start({ more });
    await running.see([proven('cmp1'), proven('cmp2'), up('cmp3'), up('cmp4')]);
    const kinds = planned(await running.engine.plan('cmp4')).obstacles.map(({ reason }) => reason);
    expect(kinds[0]).toBe('cmp4 is in the segment rack, which is disabled');
    expect(kinds[1]).toMatch(/hosts in the cluster were lost/);
    await running.stop();
  });

  it.concurrent('is made without places while Placement does not answer', async ({ onTestFinished }) => {
    const { emulator, start } = await engineBench(onTestFinished, { instances: 1 });
    const running = await start({ more: { inventory: await inventoryOf(emulator) } });
    await running.see(ALL_UP);
    await emulator.fault({ route: 'placement', effect: { kind: 'status', status: 503 } });
    const answer = planned(await running.engine.plan('cmp1'));
    expect(answer.plan.failure).toContain('503');
    expect(placesOf(answer)).toEqual(['web-1 unknown']);
    await running.stop();
  });
});

describe('capacity that is missing', () => {
  it.concurrent('is told in quiet times, and nothing is asked while a host is lost', async ({ onTestFinished }) => {
    const { emulator, logger, start } = await engineBench(onTestFinished, { instances: 0 });
    for (const name of ['x', 'y']) await emulator.addInstance({ host: 'cmp1', name, vcpus: 600 });
    for (const host of ['cmp2', 'cmp3', 'cmp4']) await emulator.addInstance({ host, name: `on-${host}`, vcpus: 500 });
    const capacity = { everyMs: 8_000, acrossZones: false };
    const running = await start({ more: { inventory: await inventoryOf(emulator), capacity } });
    const lost = {
      state: 'lost',
      node: 'cmp4',
      host: 'cmp4',
      lostSinceMs: Date.now(),
      hold: { kind: 'not-fenced', reason: 'nothing has fenced it', remedy: undefined },
    } as const;
    await running.see([...ALL_UP.slice(0, 3), lost]);
    await running.see([...ALL_UP.slice(0, 3), lost]);
    const placement = async (): Promise<number> =>
      (await emulator.requests()).filter(({ path }) => path.startsWith('/placement')).length;
    expect(await placement()).toBe(0);
    await eventually('the first host is looked at', async () => {
      await running.see(ALL_UP);
      return (running.engine.capacity?.looked ?? 0) > 0;
    });
    expect(running.engine.capacity?.shortfalls).toMatchObject([{ host: 'cmp1', homeless: 2, of: 2 }]);
    expect(logger.lines.filter((line) => line.includes('N+1 is not met: if cmp1 dies'))).toHaveLength(1);
    await running.stop();
  });

  it.concurrent('costs nothing on the way to the first evacuation', async ({ onTestFinished }) => {
    const { emulator, start } = await engineBench(onTestFinished);
    const capacity = { everyMs: 8_000, acrossZones: false };
    const running = await start({ more: { inventory: await inventoryOf(emulator), capacity } });
    await running.see(ALL_UP);
    await eventually('a host was looked at', () => (running.engine.capacity?.looked ?? 0) > 0);
    await emulator.killHost('cmp1');
    const before = (await emulator.requests()).length;
    await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1')]);
    const asked = (await emulator.requests())
      .slice(before)
      .map(({ method, path }) => `${method} ${path.split('?')[0]}`);
    const others = asked.filter((call) => !/os-services|servers|os-migrations/.test(call));
    expect(others).toEqual([]);
    await running.stop();
  });
});
