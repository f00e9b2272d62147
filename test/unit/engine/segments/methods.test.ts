import { describe, expect, it } from 'vitest';
import type { DeclaredSegment } from '../../../../src/engine/segments/declare.ts';
import type { RecoveryMethod } from '../../../../src/engine/segments/segment.ts';
import type { Emulator } from '../../../emulator/index.ts';
import { eventually } from '../../../support/eventually.ts';
import { engineBench, inventoryOf, proven, untilRecovery, up, type EngineBench, type RunningEngine } from '../bench.ts';

interface SpareSpec {
  readonly name: string;
  readonly vcpus?: number;
}

/** cmp1 fails; cmp2 to cmp4 have room for `room` instances in all; the spares are disabled. */
async function benchWith(
  onTestFinished: (cleanUp: () => Promise<void>) => void,
  {
    instances,
    spares,
    room = 0,
  }: { readonly instances: number; readonly spares: readonly SpareSpec[]; readonly room?: number },
): Promise<EngineBench> {
  const bench = await engineBench(onTestFinished, { instances });
  const { cloud, emulator } = bench;
  for (const spare of spares) await emulator.addHost(spare);
  const services = await cloud.computeServices();
  const disable = async (host: string, reason: string): Promise<void> => {
    await cloud.disableService(services.find((service) => service.host === host)?.id ?? '', reason);
  };
  for (const { name } of spares) await disable(name, 'kept free');
  // Their thousand cores are taken, but for what is to be free.
  for (const host of ['cmp3', 'cmp4']) await disable(host, 'not part of this');
  if (room < 1_000) await emulator.addInstance({ host: 'cmp2', name: 'filler', vcpus: 1_000 - room });
  return bench;
}

function segment(
  method: RecoveryMethod,
  spares: readonly string[],
  more: Partial<DeclaredSegment> = {},
): DeclaredSegment {
  const host = (name: string, reserved: boolean): DeclaredSegment['hosts'][number] => ({
    name,
    type: 'COMPUTE',
    controlAttributes: 'SSH',
    reserved,
    onMaintenance: false,
  });
  return {
    name: 'rack',
    description: undefined,
    serviceType: 'COMPUTE',
    recoveryMethod: method,
    enabled: true,
    hosts: [host('cmp1', false), host('cmp2', false), ...spares.map((name) => host(name, true))],
    ...more,
  };
}

async function begin(bench: EngineBench, segments: readonly DeclaredSegment[], more = {}): Promise<RunningEngine> {
  await bench.emulator.killHost('cmp1');
  return bench.start({
    more: { inventory: await inventoryOf(bench.emulator), segments, ...more },
    limits: { attempts: 2, retryDelayMs: 10 },
  });
}

async function whereabouts(emulator: Emulator): Promise<Readonly<Record<string, number>>> {
  const { instances } = await emulator.state();
  const counts: Record<string, number> = {};
  for (const { host, name } of instances) {
    if (name !== 'filler') counts[host ?? 'none'] = (counts[host ?? 'none'] ?? 0) + 1;
  }
  return counts;
}

async function statusOf(emulator: Emulator, host: string): Promise<string | undefined> {
  return (await emulator.state()).hosts.find(({ name }) => name === host)?.status;
}

const spare = (name: string, vcpus?: number): SpareSpec => ({ name, ...(vcpus === undefined ? {} : { vcpus }) });

describe('the recovery method reserved_host', () => {
  it.concurrent(
    'enables the reserved host, sends everything there, and nothing elsewhere',
    async ({ onTestFinished }) => {
      const bench = await benchWith(onTestFinished, {
        instances: 3,
        spares: [spare('spare1'), spare('spare2')],
        room: 900,
      });
      const running = await begin(bench, [segment('reserved_host', ['spare1', 'spare2'])]);
      const verdicts = [proven('cmp1'), up('spare1'), up('spare2')];
      await untilRecovery(running, 'cmp1', 'recovered', verdicts);
      expect(await whereabouts(bench.emulator)).toEqual({ spare1: 3 });
      const targets = (await bench.emulator.evacuateCalls()).map(({ targetHost }) => targetHost);
      expect(targets).toEqual(['spare1', 'spare1', 'spare1']);
      await running.see(verdicts);
      expect(await statusOf(bench.emulator, 'spare1'), 'instances run on it').toBe('enabled');
      expect(await statusOf(bench.emulator, 'spare2'), 'it was not needed').toBe('disabled');
      await running.stop();
    },
  );

  it.concurrent('takes the next one when the first is full, and ends recovered (W3)', async ({ onTestFinished }) => {
    const spares = [spare('spare1', 2), spare('spare2', 5)];
    const bench = await benchWith(onTestFinished, { instances: 5, spares });
    const running = await begin(bench, [segment('reserved_host', ['spare1', 'spare2'])]);
    await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1'), up('spare1'), up('spare2')]);
    expect(await whereabouts(bench.emulator)).toEqual({ spare1: 2, spare2: 3 });
    expect(running.engine.recoveries[0]?.moves.every(({ failures }) => failures === 0)).toBe(true);
    await running.stop();
  });

  it.concurrent('does not take one that is dead, or not up in the cluster', async ({ onTestFinished }) => {
    const spares = [spare('spare1'), spare('spare2'), spare('spare3')];
    const bench = await benchWith(onTestFinished, { instances: 2, spares });
    const services = await bench.cloud.computeServices();
    await bench.emulator.killHost('spare1');
    await bench.cloud.setForcedDown(services.find(({ host }) => host === 'spare1')?.id ?? '', true);
    const running = await begin(bench, [segment('reserved_host', ['spare1', 'spare2', 'spare3'])]);
    await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1'), up('spare1'), up('spare3')]);
    expect(await whereabouts(bench.emulator)).toEqual({ spare3: 2 });
    expect(await statusOf(bench.emulator, 'spare2')).toBe('disabled');
    await running.stop();
  });

  it.concurrent('takes the next one when Nova finds the first not fit', async ({ onTestFinished }) => {
    const bench = await benchWith(onTestFinished, { instances: 2, spares: [spare('spare1'), spare('spare2')] });
    await bench.emulator.fault({ effect: { kind: 'no-valid-host' }, host: 'spare1' });
    const running = await begin(bench, [segment('reserved_host', ['spare1', 'spare2'])]);
    const verdicts = [proven('cmp1'), up('spare1'), up('spare2')];
    await untilRecovery(running, 'cmp1', 'recovered', verdicts);
    expect(await whereabouts(bench.emulator)).toEqual({ spare2: 2 });
    await eventually('the first is given back', async () => {
      await running.see(verdicts);
      return (await statusOf(bench.emulator, 'spare1')) === 'disabled';
    });
    const { disabledReason } = (await bench.cloud.computeServices()).find(({ host }) => host === 'spare1') ?? {};
    expect(disabledReason).toBe('kept free');
    await running.stop();
  });

  it.concurrent('fails a move with the reason when no reserved host is left', async ({ onTestFinished }) => {
    const bench = await benchWith(onTestFinished, { instances: 2, spares: [spare('spare1', 1)], room: 900 });
    const running = await begin(bench, [segment('reserved_host', ['spare1'])]);
    await untilRecovery(running, 'cmp1', 'failed', [proven('cmp1'), up('spare1')]);
    const failed = running.engine.recoveries[0]?.moves.find(({ state }) => state === 'failed');
    expect(failed?.reason).toBe('no reserved host: spare1 is full');
    expect(await whereabouts(bench.emulator)).toEqual({ spare1: 1, cmp1: 1 });
    await running.stop();
  });
});

describe('the recovery method auto_priority', () => {
  it.concurrent(
    'takes a reserved host only for what Nova finds no host for, and ends recovered (W4)',
    async ({ onTestFinished }) => {
      const bench = await benchWith(onTestFinished, { instances: 4, spares: [spare('spare1')], room: 3 });
      const running = await begin(bench, [segment('auto_priority', ['spare1'])]);
      await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1'), up('spare1')]);
      const counts = await whereabouts(bench.emulator);
      expect(Object.keys(counts).toSorted()).toEqual(['cmp2', 'spare1']);
      expect(counts.spare1).toBeGreaterThanOrEqual(1);
      await running.stop();
    },
  );

  it.concurrent('takes none when Nova finds a host for everything', async ({ onTestFinished }) => {
    const bench = await benchWith(onTestFinished, { instances: 3, spares: [spare('spare1')], room: 900 });
    const running = await begin(bench, [segment('auto_priority', ['spare1'])]);
    await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1'), up('spare1')]);
    expect(await whereabouts(bench.emulator)).toEqual({ cmp2: 3 });
    expect(await statusOf(bench.emulator, 'spare1')).toBe('disabled');
    await running.stop();
  });
});

describe('the recovery method rh_priority', () => {
  it.concurrent('fills the reserved hosts first, and leaves the rest to Nova', async ({ onTestFinished }) => {
    const bench = await benchWith(onTestFinished, { instances: 5, spares: [spare('spare1', 2)], room: 900 });
    const running = await begin(bench, [segment('rh_priority', ['spare1'])]);
    await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1'), up('spare1')]);
    expect((await whereabouts(bench.emulator)).spare1).toBe(2);
    expect(await whereabouts(bench.emulator)).toMatchObject({ cmp2: 3 });
    await running.stop();
  });
});

describe('a reserved host that was taken', () => {
  it.concurrent(
    'is added to the aggregates of the failed host and to no other, and taken out again',
    async ({ onTestFinished }) => {
      const bench = await benchWith(onTestFinished, { instances: 1, spares: [spare('spare1')], room: 900 });
      const { emulator } = bench;
      await emulator.addAggregate({ name: 'fast', hosts: ['cmp1', 'cmp2'] });
      await emulator.addAggregate({ name: 'rack', hosts: ['cmp1', 'spare1'] });
      await emulator.addAggregate({ name: 'others', hosts: ['cmp3'] });
      await emulator.fault({ effect: { kind: 'no-valid-host' }, host: 'spare1' });
      const hosts = async (): Promise<readonly string[]> =>
        (await emulator.aggregates()).map(({ name, hosts: in_ }) => `${name}: ${in_.join(' ')}`);
      const running = await begin(bench, [segment('reserved_host', ['spare1'])], { addsReservedToAggregates: true });
      const verdicts = [proven('cmp1'), up('spare1')];
      await eventually('it is taken', async () => {
        await running.see(verdicts);
        return (await emulator.evacuateCalls()).length > 0;
      });
      expect(await hosts()).toEqual(['fast: cmp1 cmp2 spare1', 'rack: cmp1 spare1', 'others: cmp3']);
      await untilRecovery(running, 'cmp1', 'failed', verdicts);
      await eventually('it is given back', async () => {
        await running.see(verdicts);
        return (await statusOf(emulator, 'spare1')) === 'disabled' && (await hosts())[0] === 'fast: cmp1 cmp2';
      });
      expect(await hosts()).toEqual(['fast: cmp1 cmp2', 'rack: cmp1 spare1', 'others: cmp3']);
      await running.stop();
    },
  );

  it.concurrent(
    'is given back by the next engine when the one that took it is gone (S4)',
    async ({ onTestFinished }) => {
      const bench = await benchWith(onTestFinished, { instances: 0, spares: [spare('spare1')] });
      const { cloud, emulator } = bench;
      const serviceId = (await cloud.computeServices()).find(({ host }) => host === 'spare1')?.id ?? '';
      const store = await bench.formerStore();
      await store.saveTaking({
        host: 'spare1',
        serviceId,
        failedHost: 'cmp1',
        state: 'taking',
        wasEnabled: false,
        formerReason: 'kept free',
        aggregates: ['1'],
        sinceMs: 1,
      });
      await emulator.addAggregate({ name: 'fast', hosts: ['cmp1', 'spare1'] });
      await cloud.enableService(serviceId);
      const running = await bench.start({
        store,
        more: { inventory: await inventoryOf(emulator), segments: [segment('reserved_host', ['spare1'])] },
      });
      await eventually('it is given back', async () => {
        await running.see([up('cmp1'), up('spare1')]);
        return (await store.takings()).length === 0;
      });
      expect(await statusOf(emulator, 'spare1')).toBe('disabled');
      expect((await emulator.aggregates())[0]?.hosts).toEqual(['cmp1']);
      await running.stop();
    },
  );

  it.concurrent('stays as it is when an operator has made it a host like any other', async ({ onTestFinished }) => {
    const bench = await benchWith(onTestFinished, { instances: 0, spares: [spare('spare1')] });
    const serviceId = (await bench.cloud.computeServices()).find(({ host }) => host === 'spare1')?.id ?? '';
    const store = await bench.formerStore();
    const taking = { host: 'spare1', serviceId, failedHost: 'cmp1', wasEnabled: false, formerReason: undefined };
    await store.saveTaking({ ...taking, state: 'taken', aggregates: [], sinceMs: 1 });
    await bench.cloud.enableService(serviceId);
    const running = await bench.start({ store, more: { segments: [segment('reserved_host', [])] } });
    await eventually('it is forgotten', async () => {
      await running.see([up('spare1')]);
      return (await store.takings()).length === 0;
    });
    expect(await statusOf(bench.emulator, 'spare1')).toBe('enabled');
    await running.stop();
  });
});

describe('a failure that is none of ours (S8)', () => {
  it.concurrent(
    'is one of a disabled segment: nothing is done, and the reason is shown (W11)',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished);
      const running = await begin(bench, [segment('auto', [], { enabled: false })]);
      for (let round = 0; round < 5; round += 1) await running.see([proven('cmp1')]);
      expect(running.engine.recoveries).toEqual([]);
      expect(running.engine.leftAlone.get('cmp1')).toMatchObject({
        kind: 'segment-disabled',
        reason: 'cmp1 is in the segment rack, which is disabled',
      });
      const writes = (await bench.emulator.requests()).filter(
        ({ method, path }) => method === 'PUT' || path.endsWith('/action'),
      );
      expect(writes).toEqual([]);
      await running.see([up('cmp1')]);
      expect(running.engine.leftAlone.size).toBe(0);
      await running.stop();
    },
  );

  it.concurrent('is answered when the segment is enabled while the host is still down', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished);
    const verdict = proven('cmp1');
    const before = await begin(bench, [segment('auto', [], { enabled: false })]);
    await before.see([verdict]);
    await before.stop();
    const after = await begin(bench, [segment('auto', [])]);
    await untilRecovery(after, 'cmp1', 'recovered', [verdict]);
    await after.stop();
  });

  it.concurrent('is one of a host on maintenance', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished);
    const declared = segment('auto', []);
    const hosts = declared.hosts.map((host) => ({ ...host, onMaintenance: true }));
    const running = await begin(bench, [{ ...declared, hosts }]);
    await running.see([proven('cmp1')]);
    expect(running.engine.leftAlone.get('cmp1')?.kind).toBe('host-on-maintenance');
    expect(await bench.emulator.evacuateCalls()).toEqual([]);
    await running.stop();
  });

  it.concurrent(
    'holds a recovery that is at work when its segment is disabled, and follows what is sent',
    async ({ onTestFinished }) => {
      const bench = await engineBench(onTestFinished, { instances: 4, options: { spawnMs: 300 } });
      const verdict = proven('cmp1');
      await bench.emulator.killHost('cmp1');
      const before = await bench.start({ limits: { parallel: 1 } });
      await eventually('one is sent', async () => {
        await before.see([verdict]);
        return (await bench.emulator.evacuateCalls()).length === 1;
      });
      await before.stop();
      const after = await bench.start({ more: { segments: [segment('auto', [], { enabled: false })] } });
      await untilRecovery(after, 'cmp1', 'held', [verdict]);
      expect(after.engine.recoveries[0]?.recovery.hold?.kind).toBe('segment-disabled');
      await eventually('what was sent has ended', async () =>
        (await bench.emulator.state()).instances.every(({ taskState }) => taskState === null),
      );
      expect(await bench.emulator.evacuateCalls()).toHaveLength(1);
      await after.stop();
    },
  );
});
