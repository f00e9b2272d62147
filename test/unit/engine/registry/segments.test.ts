import { describe, expect, it } from 'vitest';
import { IMPLICIT_SEGMENT_UUID, implicitHostUuid } from '../../../../src/engine/registry/implicit-segment.ts';
import { LifeboatError } from '../../../../src/errors.ts';
import type { DeclaredSegment } from '../../../../src/engine/segments/declare.ts';
import type { Store } from '../../../../src/engine/store/store.ts';
import { ALL, hostOf, OLDEST_FIRST, registryBench, reportOf, segmentOf, vmReport, withSegment } from './bench.ts';

const NOBODY = '00000000-0000-4000-8000-ffffffffffff';

const DECLARED: DeclaredSegment = { ...segmentOf('rack-a'), hosts: [hostOf('cmp1')] };

describe('a segment', () => {
  it('that was made is there, and is what the engine goes by from then on', async () => {
    const bench = await registryBench();
    const { segment, hosts } = await withSegment(bench, 'rack-b', ['cmp1', 'cmp2']);
    expect(segment).toMatchObject({
      id: 1,
      name: 'rack-b',
      recoveryMethod: 'auto',
      enabled: true,
      updatedAtMs: undefined,
    });
    expect(await bench.registry.segment(segment.uuid)).toEqual(segment);
    expect(hosts[1]).toMatchObject({ id: 2, name: 'cmp2', segment: { uuid: segment.uuid } });
    expect(bench.known.current.waysOf('cmp1')).toEqual(['scheduler']);
    await bench.registry.updateSegment(segment.uuid, { recoveryMethod: 'rh_priority' });
    expect(bench.known.current.waysOf('cmp1')).toEqual(['reserved', 'scheduler']);
    await bench.registry.updateHost(segment.uuid, hosts[1]?.uuid ?? '', { reserved: true });
    expect(bench.known.current.reservedFor('cmp1')).toEqual(['cmp2']);
    await bench.registry.removeHost(segment.uuid, hosts[1]?.uuid ?? '');
    expect(bench.known.current.reservedFor('cmp1')).toEqual([]);
  });

  it('is disabled by a PUT of false, and the engine leaves its failures alone at once (S8, W15)', async () => {
    const bench = await registryBench();
    const { segment } = await withSegment(bench, 'rack-b', ['cmp1']);
    bench.pass(1_000);
    const changed = await bench.registry.updateSegment(segment.uuid, { enabled: false });
    expect(changed).toMatchObject({ enabled: false, createdAtMs: segment.createdAtMs });
    expect(changed.updatedAtMs).toBe(segment.createdAtMs + 1_000);
    const hold = bench.known.current.leftAlone('cmp1');
    expect(hold?.kind).toBe('segment-disabled');
    expect(hold?.remedy, 'no file declares it').toContain('openstack segment update rack-b --is_enabled True');
    await bench.registry.updateSegment(segment.uuid, { enabled: true });
    expect(bench.known.current.leftAlone('cmp1')).toBeUndefined();
  });

  it('whose change was written and could not be read is read with the next look at the cluster', async () => {
    let isAway = false;
    const wrap = (store: Store): Store => ({
      ...store,
      segments: () =>
        isAway ? Promise.reject(new LifeboatError('STORE_UNUSABLE', 'the database is away')) : store.segments(),
    });
    const bench = await registryBench({ wrap });
    const { segment } = await withSegment(bench, 'rack-b', ['cmp1']);
    isAway = true;
    const change = bench.registry.updateSegment(segment.uuid, { enabled: false });
    await expect(change).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
    expect(bench.known.current.leftAlone('cmp1')).toBeUndefined();
    isAway = false;
    await bench.known.settle();
    expect(bench.known.current.leftAlone('cmp1')?.kind).toBe('segment-disabled');
  });

  it('keeps what a change does not name, and loses a description that is taken away', async () => {
    const { registry } = await registryBench();
    const { uuid } = await registry.addSegment(segmentOf('a', { description: 'old', recoveryMethod: 'auto_priority' }));
    expect(await registry.updateSegment(uuid, { name: 'b' })).toMatchObject({
      name: 'b',
      description: 'old',
      recoveryMethod: 'auto_priority',
    });
    expect((await registry.updateSegment(uuid, { description: undefined })).description).toBeUndefined();
  });

  it('has a name of its own', async () => {
    const { registry } = await registryBench();
    const { uuid } = await registry.addSegment(segmentOf('a'));
    await registry.addSegment(segmentOf('b'));
    const conflict = { code: 'REGISTRY_CONFLICT', message: 'Failover segment with name b already exists.' };
    await expect(registry.addSegment(segmentOf('b'))).rejects.toMatchObject(conflict);
    await expect(registry.updateSegment(uuid, { name: 'b' })).rejects.toMatchObject(conflict);
    expect(await registry.updateSegment(uuid, { name: 'a', description: 'its own name' })).toMatchObject({ name: 'a' });
  });

  it('of one name is made once, also when two ask at one moment', async () => {
    const { registry } = await registryBench();
    const asked = await Promise.allSettled([registry.addSegment(segmentOf('a')), registry.addSegment(segmentOf('a'))]);
    expect(asked.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await registry.segments(ALL)).toHaveLength(1);
  });

  it('that is not there is not found, by whatever is asked', async () => {
    const bench = await registryBench();
    await withSegment(bench, 'a', ['cmp1']);
    const { registry } = bench;
    const missing = { code: 'REGISTRY_NOT_FOUND', message: `No failover segment with id ${NOBODY}.` };
    await expect(registry.segment(NOBODY)).rejects.toMatchObject(missing);
    await expect(registry.segment('no uuid at all')).rejects.toMatchObject({ code: 'REGISTRY_NOT_FOUND' });
    await expect(registry.updateSegment(NOBODY, { name: 'x' })).rejects.toMatchObject(missing);
    await expect(registry.removeSegment(NOBODY)).rejects.toMatchObject(missing);
    await expect(registry.hosts(NOBODY, ALL)).rejects.toMatchObject(missing);
    await expect(registry.addHost(NOBODY, hostOf('cmp2'))).rejects.toMatchObject(missing);
  });

  it('goes with its hosts', async () => {
    const bench = await registryBench();
    const { segment } = await withSegment(bench, 'a', ['cmp1']);
    const { segment: other } = await withSegment(bench, 'b', ['cmp2']);
    await bench.registry.removeSegment(segment.uuid);
    expect((await bench.registry.segments(ALL)).map(({ name }) => name)).toEqual(['b']);
    expect(bench.known.current.of('cmp1')).toBeUndefined();
    expect(await bench.registry.addHost(other.uuid, hostOf('cmp1'))).toMatchObject({ id: 3, name: 'cmp1' });
  });

  it('that answers a notification can be neither changed nor removed, nor its hosts', async () => {
    const bench = await registryBench();
    const { segment, hosts } = await withSegment(bench, 'a', ['cmp1', 'cmp2']);
    const { registry } = bench;
    const { uuid } = await registry.notify(vmReport('cmp1'));
    const other = hosts[1]?.uuid ?? '';
    const inUse = 'in-use to process notifications.';
    const each = [
      [
        () => registry.updateSegment(segment.uuid, { name: 'x' }),
        `Failover segment ${segment.uuid} can't be updated as it is ${inUse}`,
      ],
      [
        () => registry.removeSegment(segment.uuid),
        `Failover segment (${segment.uuid}) can't be deleted as it is ${inUse}`,
      ],
      [
        () => registry.updateHost(segment.uuid, other, { reserved: true }),
        `Host ${other} can't be updated as it is ${inUse}`,
      ],
      [() => registry.removeHost(segment.uuid, other), `Host ${other} can't be deleted as it is ${inUse}`],
    ] as const;
    for (const status of ['new', 'running', 'error'] as const) {
      await bench.notices.save({ uuid, status, message: undefined });
      for (const [change, message] of each)
        await expect(change(), status).rejects.toMatchObject({ code: 'REGISTRY_CONFLICT', message });
    }
    expect(await registry.addHost(segment.uuid, hostOf('cmp3')), 'a host may be added').toMatchObject({ name: 'cmp3' });
    await bench.notices.save({ uuid, status: 'failed', message: undefined });
    expect(await registry.updateSegment(segment.uuid, { name: 'x' })).toMatchObject({ name: 'x' });
  });

  it('that is disabled can be enabled whatever it answers: what waits for it would wait for ever', async () => {
    const bench = await registryBench();
    const { segment } = await withSegment(bench, 'a', ['cmp1']);
    const { uuid } = await bench.registry.notify(vmReport('cmp1'));
    await bench.notices.save({ uuid, status: 'failed', message: undefined });
    await bench.registry.updateSegment(segment.uuid, { enabled: false });
    await bench.notices.save({ uuid, status: 'running', message: 'tried again' });
    const both = { enabled: true, name: 'x' };
    await expect(bench.registry.updateSegment(segment.uuid, both)).rejects.toMatchObject({ code: 'REGISTRY_CONFLICT' });
    expect(await bench.registry.updateSegment(segment.uuid, { enabled: true })).toMatchObject({ enabled: true });
  });

  it('that lifeboat.yaml declares is shown, and changed in the file only', async () => {
    const bench = await registryBench({ declared: [DECLARED] });
    const { registry } = bench;
    const [segment] = await registry.segments(ALL);
    const [host] = await registry.hosts(segment?.uuid ?? '', ALL);
    expect(host).toMatchObject({ name: 'cmp1', segment: { name: 'rack-a' } });
    const changes: readonly (() => Promise<unknown>)[] = [
      () => registry.updateSegment(segment?.uuid ?? '', { enabled: false }),
      () => registry.removeSegment(segment?.uuid ?? ''),
      () => registry.addHost(segment?.uuid ?? '', hostOf('cmp2')),
      () => registry.updateHost(segment?.uuid ?? '', host?.uuid ?? '', { onMaintenance: true }),
      () => registry.removeHost(segment?.uuid ?? '', host?.uuid ?? ''),
    ];
    for (const change of changes) {
      await expect(change()).rejects.toMatchObject({
        code: 'REGISTRY_CONFLICT',
        message: expect.stringContaining('is declared in lifeboat.yaml, which wins') as string,
      });
    }
    const { uuid } = await registry.addSegment(segmentOf('rack-b'));
    await expect(registry.addHost(uuid, hostOf('CMP1'))).rejects.toMatchObject({ code: 'REGISTRY_REFUSED' });
    bench.computes = ['cmp1', 'CMP1'];
    await expect(registry.addHost(uuid, hostOf('CMP1'))).rejects.toMatchObject({ code: 'REGISTRY_CONFLICT' });
  });
});

describe('a host', () => {
  it('is one that Nova has a compute service of, and is in one segment', async () => {
    const bench = await registryBench();
    const { segment, hosts } = await withSegment(bench, 'a', ['cmp1']);
    const { segment: other } = await withSegment(bench, 'b', ['cmp2']);
    const { registry } = bench;
    const cmp1 = hosts[0]?.uuid ?? '';
    await expect(registry.addHost(other.uuid, hostOf('nobody'))).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      message: 'Compute service with name nobody could not be found.',
    });
    const taken = { code: 'REGISTRY_CONFLICT', message: 'Host with name cmp1 already exists.' };
    await expect(registry.addHost(other.uuid, hostOf('cmp1'))).rejects.toMatchObject(taken);
    await expect(registry.updateHost(segment.uuid, cmp1, { name: 'cmp2' })).rejects.toMatchObject({
      code: 'REGISTRY_CONFLICT',
    });
    expect(await registry.updateHost(segment.uuid, cmp1, { name: 'cmp3' })).toMatchObject({ name: 'cmp3' });
    bench.computes = undefined;
    await expect(registry.addHost(other.uuid, hostOf('cmp1'))).rejects.toMatchObject({ code: 'CLOUD_UNREACHABLE' });
  });

  it('is not found in another segment than its own', async () => {
    const bench = await registryBench();
    const { hosts } = await withSegment(bench, 'a', ['cmp1']);
    const { segment: other } = await withSegment(bench, 'b', []);
    const uuid = hosts[0]?.uuid ?? '';
    const missing = {
      code: 'REGISTRY_NOT_FOUND',
      message: `Host '${uuid}' under failover_segment '${other.uuid}' could not be found.`,
    };
    await expect(bench.registry.host(other.uuid, uuid)).rejects.toMatchObject(missing);
    await expect(bench.registry.updateHost(other.uuid, uuid, { reserved: true })).rejects.toMatchObject(missing);
    await expect(bench.registry.removeHost(other.uuid, uuid)).rejects.toMatchObject(missing);
  });

  it('on maintenance is left alone, and the hint is a command (S8)', async () => {
    const bench = await registryBench();
    const { segment, hosts } = await withSegment(bench, 'a', ['cmp1']);
    await bench.registry.updateHost(segment.uuid, hosts[0]?.uuid ?? '', { onMaintenance: true });
    const hold = bench.known.current.leftAlone('cmp1');
    expect(hold).toMatchObject({ kind: 'host-on-maintenance' });
    expect(hold?.remedy).toContain('openstack segment host update a cmp1 --on_maintenance False');
  });
});

describe('lists', () => {
  it('are filtered, sorted and paged, the newest first when nothing is said', async () => {
    const bench = await registryBench();
    const { registry } = bench;
    for (const [name, recoveryMethod] of [
      ['b', 'auto'],
      ['a', 'auto_priority'],
      ['c', 'auto'],
    ] as const) {
      await registry.addSegment(segmentOf(name, { recoveryMethod }));
      bench.pass(1);
    }
    const names = async (query: Partial<Parameters<typeof registry.segments>[0]>): Promise<string> =>
      (await registry.segments({ ...ALL, ...query })).map(({ name }) => name).join('');
    expect(await names({})).toBe('cab');
    expect(await names({ recoveryMethod: 'auto' })).toBe('cb');
    expect(await names({ enabled: false })).toBe('');
    expect(await names({ enabled: true, serviceType: 'compute' })).toBe('cab');
    expect(await names({ sort: [{ key: 'name', direction: 'asc' }] })).toBe('abc');
    expect(
      await names({
        sort: [
          { key: 'recovery_method', direction: 'desc' },
          { key: 'name', direction: 'asc' },
        ],
      }),
    ).toBe('abc');
    expect(await names({ limit: 1 })).toBe('c');
    expect(await names({ limit: 0 })).toBe('');
    expect(await names({ marker: '3' }), 'after the newest').toBe('ab');
    expect(await names({ sort: [{ key: 'deleted', direction: 'asc' }] }), 'the oldest first').toBe('bac');
    await expect(names({ sort: [{ key: 'bogus', direction: 'asc' }] })).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      message: 'Sort key supplied is invalid: bogus',
    });
    await expect(names({ sort: [{ key: 'toString', direction: 'asc' }] })).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
    });
    for (const marker of ['77', NOBODY, '-1', '']) {
      await expect(names({ marker })).rejects.toMatchObject({ message: `Marker ${marker} could not be found.` });
    }
  });

  it('of hosts know their filters too', async () => {
    const bench = await registryBench();
    const { segment } = await withSegment(bench, 'a', ['cmp1', 'cmp2']);
    await bench.registry.addHost(segment.uuid, hostOf('cmp3', { reserved: true, type: 'SPARE', onMaintenance: true }));
    const names = async (query: Partial<Parameters<typeof bench.registry.hosts>[1]>): Promise<readonly string[]> =>
      (await bench.registry.hosts(segment.uuid, { ...OLDEST_FIRST, ...query })).map(({ name }) => name);
    expect(await names({})).toEqual(['cmp1', 'cmp2', 'cmp3']);
    expect(await names({ reserved: true })).toEqual(['cmp3']);
    expect(await names({ onMaintenance: false })).toEqual(['cmp1', 'cmp2']);
    expect(await names({ type: 'SPARE' })).toEqual(['cmp3']);
    expect(await names({ name: 'cmp2', controlAttributes: 'SSH' })).toEqual(['cmp2']);
  });
});

describe('the implicit segment', () => {
  it('has all compute hosts of the cluster while nobody has made one, with ids that stay', async () => {
    const bench = await registryBench();
    const { registry } = bench;
    const [segment, ...others] = await registry.segments(ALL);
    expect(others).toEqual([]);
    expect(segment).toMatchObject({
      uuid: IMPLICIT_SEGMENT_UUID,
      name: 'lifeboat',
      recoveryMethod: 'auto',
      enabled: true,
    });
    const hosts = await registry.hosts(IMPLICIT_SEGMENT_UUID, { ...ALL, sort: [{ key: 'name', direction: 'asc' }] });
    expect(hosts.map(({ name }) => name)).toEqual(['cmp1', 'cmp2', 'cmp3']);
    expect(new Set(hosts.map(({ id }) => id)).size).toBe(3);
    for (const { id } of hosts) expect(Number.isSafeInteger(id)).toBe(true);
    const again = await registryBench();
    expect(await again.registry.host(IMPLICIT_SEGMENT_UUID, implicitHostUuid('CMP1'))).toEqual(hosts[0]);
    await expect(registry.host(IMPLICIT_SEGMENT_UUID, NOBODY)).rejects.toMatchObject({ code: 'REGISTRY_NOT_FOUND' });
    expect(await registry.segments({ ...ALL, enabled: false })).toEqual([]);
    const second = await registry.hosts(IMPLICIT_SEGMENT_UUID, {
      ...ALL,
      sort: [{ key: 'name', direction: 'asc' }],
      marker: String(hosts[0]?.id),
      limit: 1,
    });
    expect(second).toEqual([hosts[1]]);
  });

  it('cannot be changed, and says what to do instead', async () => {
    const { registry } = await registryBench();
    const [host] = await registry.hosts(IMPLICIT_SEGMENT_UUID, ALL);
    const changes: readonly (() => Promise<unknown>)[] = [
      () => registry.updateSegment(IMPLICIT_SEGMENT_UUID, { enabled: false }),
      () => registry.removeSegment(IMPLICIT_SEGMENT_UUID),
      () => registry.addHost(IMPLICIT_SEGMENT_UUID, hostOf('cmp9')),
      () => registry.updateHost(IMPLICIT_SEGMENT_UUID, host?.uuid ?? '', { reserved: true }),
      () => registry.removeHost(IMPLICIT_SEGMENT_UUID, host?.uuid ?? ''),
    ];
    for (const change of changes) {
      await expect(change()).rejects.toMatchObject({
        code: 'REGISTRY_CONFLICT',
        message: expect.stringContaining('openstack segment create') as string,
      });
    }
  });

  it('is gone as soon as somebody makes one, and back when the last one is removed', async () => {
    const bench = await registryBench();
    const { registry } = bench;
    await registry.notify(reportOf('cmp1'));
    const { uuid } = await registry.addSegment(segmentOf('a'));
    expect((await registry.segments(ALL)).map(({ name }) => name)).toEqual(['a']);
    await expect(registry.segment(IMPLICIT_SEGMENT_UUID)).rejects.toMatchObject({ code: 'REGISTRY_NOT_FOUND' });
    await expect(registry.notify(vmReport('cmp1'))).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      message: 'Host with name cmp1 could not be found.',
    });
    await registry.removeSegment(uuid);
    expect((await registry.segments(ALL)).map(({ name }) => name)).toEqual(['lifeboat']);
  });
});
