import { describe, expect, it } from 'vitest';
import { systemRandomness } from '../../../../src/edge/randomness.ts';
import { newRecovery } from '../../../../src/engine/rebuild.ts';
import { IMPLICIT_SEGMENT_UUID, implicitHostUuid } from '../../../../src/engine/registry/implicit-segment.ts';
import type { Notice } from '../../../../src/engine/registry/notice.ts';
import { moveOf } from '../../../store/suite.ts';
import { proofOf } from '../bench.ts';
import {
  ALL,
  DOWN,
  hostOf,
  OLDEST_FIRST,
  registryBench,
  reportOf,
  segmentOf,
  T0,
  vmReport,
  withSegment,
} from './bench.ts';

const NOBODY = '00000000-0000-4000-8000-ffffffffffff';

describe('a notification', () => {
  it('is on disk when it is answered, and told to who answers its type', async () => {
    const bench = await registryBench();
    const { segment, hosts } = await withSegment(bench, 'a', ['cmp1']);
    const told: Notice[] = [];
    bench.notices.onNew((notice) => {
      expect(bench.disk.notices.has(notice.uuid), 'on disk before anybody acts on it').toBe(true);
      told.push(notice);
    });
    const entry = await bench.registry.notify(vmReport('CMP1'));
    expect(entry).toMatchObject({
      id: 1,
      type: 'VM',
      sourceHostUuid: hosts[0]?.uuid,
      segmentUuid: segment.uuid,
      status: 'new',
      generatedAtMs: T0,
      createdAtMs: T0,
    });
    expect(await bench.registry.notification(entry.uuid)).toEqual(entry);
    expect(told.map(({ host, uuid }) => [host, uuid])).toEqual([['cmp1', entry.uuid]]);
    expect((await bench.notices.unfinished(['VM', 'PROCESS'])).map(({ uuid }) => uuid)).toEqual([entry.uuid]);
    expect(await bench.notices.unfinished(['PROCESS'])).toEqual([]);
    await bench.notices.save({ uuid: entry.uuid, status: 'finished', message: 'started again', work: '{}' });
    expect(await bench.registry.notification(entry.uuid)).toMatchObject({
      status: 'finished',
      message: 'started again',
    });
    expect(await bench.notices.unfinished(['VM'])).toEqual([]);
  });

  it('is answered also when a listener throws: it waits for the next start', async () => {
    const bench = await registryBench();
    const told: string[] = [];
    bench.notices.onNew(() => {
      throw new Error('a defect');
    });
    bench.notices.onNew(({ uuid }) => told.push(uuid));
    const { uuid } = await bench.registry.notify(vmReport('cmp1'));
    expect(told).toEqual([uuid]);
    expect(bench.logger.lines.join()).toContain('a defect');
  });

  it('comes from a host that is known, in the implicit segment too', async () => {
    const bench = await registryBench();
    await expect(bench.registry.notify(vmReport('nobody'))).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      message: 'Host with name nobody could not be found.',
    });
    expect(await bench.registry.notify(vmReport('cmp1'))).toMatchObject({
      sourceHostUuid: implicitHostUuid('cmp1'),
      segmentUuid: IMPLICIT_SEGMENT_UUID,
    });
    bench.computes = undefined;
    await expect(bench.registry.notify(vmReport('cmp1')), 'nobody knows').rejects.toMatchObject({
      code: 'CLOUD_UNREACHABLE',
    });
  });

  it('of a host on maintenance is refused, whatever it says', async () => {
    const bench = await registryBench();
    const { uuid } = await bench.registry.addSegment(segmentOf('a'));
    await bench.registry.addHost(uuid, hostOf('cmp1', { onMaintenance: true }));
    const up = reportOf('cmp1', { payload: { event: 'STARTED', host_status: 'NORMAL' } });
    for (const report of [vmReport('cmp1'), reportOf('cmp1'), up]) {
      await expect(bench.registry.notify(report)).rejects.toMatchObject({
        code: 'REGISTRY_CONFLICT',
        message: `Notification received from host cmp1 of type '${report.type}' is ignored as the host is already under maintenance.`,
      });
    }
    expect(await bench.registry.notifications(ALL)).toEqual([]);
  });

  it('is a duplicate of one with the same payload of at most three minutes before, and of a later one', async () => {
    const bench = await registryBench();
    const { registry } = bench;
    await registry.notify(vmReport('cmp1', 'i-1', T0));
    const duplicate = {
      code: 'REGISTRY_CONFLICT',
      message: 'Notification received from host cmp1 of type VM is duplicate.',
    };
    const { payload } = vmReport('cmp1');
    const turned = Object.fromEntries(Object.entries(payload).toReversed());
    await expect(registry.notify({ ...vmReport('cmp1'), payload: turned })).rejects.toMatchObject(duplicate);
    await expect(registry.notify(vmReport('cmp1', 'i-1', T0 + 180_000))).rejects.toMatchObject(duplicate);
    await expect(registry.notify(vmReport('cmp1', 'i-1', T0 - 999_999))).rejects.toMatchObject(duplicate);
    expect(await registry.notify(vmReport('cmp1', 'i-2', T0)), 'another instance').toMatchObject({ id: 2 });
    expect(await registry.notify(vmReport('cmp2', 'i-1', T0)), 'another host').toMatchObject({ id: 3 });
    const later = await registry.notify(vmReport('cmp1', 'i-1', T0 + 180_001));
    expect(later, 'another failure').toMatchObject({ id: 4 });
    const again = vmReport('cmp1', 'i-1', T0 + 180_002);
    await bench.notices.save({ uuid: later.uuid, status: 'failed', message: undefined });
    await expect(registry.notify(again), 'also of one that has ended').rejects.toMatchObject(duplicate);
    await bench.notices.save({ uuid: later.uuid, status: 'finished', message: undefined });
    expect(await registry.notify(again), 'it was started again meanwhile').toMatchObject({ id: 5 });
  });

  it('with an id of its own is taken once under it, and told again it is the same one', async () => {
    const bench = await registryBench();
    const { registry } = bench;
    const reportId = '11111111-2222-8333-8444-555555555555';
    const first = await registry.notify({ ...vmReport('cmp1', 'i-1', T0), reportId });
    expect(first.uuid).toBe(reportId);
    expect(await registry.notify({ ...vmReport('cmp1', 'i-1', T0), reportId })).toMatchObject({ id: first.id });
    expect(await registry.notifications(ALL)).toHaveLength(1);
    await expect(registry.notify({ ...vmReport('cmp2', 'i-1', T0), reportId })).rejects.toMatchObject({
      code: 'REGISTRY_CONFLICT',
    });
  });

  it('with an id of its own is another failure once the one before has ended, also when the clock has gone back', async () => {
    const bench = await registryBench();
    const { registry } = bench;
    const named = (n: number, generatedAtMs: number) => ({
      ...vmReport('cmp1', 'i-1', generatedAtMs),
      reportId: `11111111-2222-8333-8444-00000000000${n}`,
    });
    const first = await registry.notify(named(1, T0));
    await expect(registry.notify(named(2, T0 + 1_000)), 'it covers this one').rejects.toMatchObject({
      code: 'REGISTRY_CONFLICT',
    });
    await bench.notices.save({ uuid: first.uuid, status: 'finished', message: undefined });
    expect(await registry.notify(named(3, T0 - 3_600_000))).toMatchObject({ id: 2, status: 'new' });
  });

  it('that comes twice at one moment is taken once', async () => {
    const bench = await registryBench();
    const asked = await Promise.allSettled([1, 2, 3].map(() => bench.registry.notify(vmReport('cmp1'))));
    expect(asked.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(await bench.registry.notifications(ALL)).toHaveLength(1);
  });

  it('of a disabled segment is accepted and ignored, with what to do (S8, W11)', async () => {
    const bench = await registryBench();
    const { segment } = await withSegment(bench, 'a', ['cmp1']);
    await bench.registry.updateSegment(segment.uuid, { enabled: false });
    const told: Notice[] = [];
    bench.notices.onNew((notice) => told.push(notice));
    for (const report of [reportOf('cmp1'), vmReport('cmp1')]) {
      const entry = await bench.registry.notify(report);
      expect(entry.status).toBe('ignored');
      expect(entry.message).toContain('openstack segment update a --is_enabled True');
    }
    expect(told).toEqual([]);
    expect(bench.looks).toBe(0);
  });

  it('is refused by an engine that may not write, and nothing of it is kept', async () => {
    const bench = await registryBench();
    bench.mayWrite = () => {
      throw new Error('the lease has lapsed');
    };
    await expect(bench.registry.notify(vmReport('cmp1'))).rejects.toThrow('the lease has lapsed');
    expect(bench.disk.notices.size).toBe(0);
    expect(await bench.registry.notifications(ALL), 'and it still reads').toEqual([]);
  });

  it('that is not there is not found', async () => {
    const { registry } = await registryBench();
    const missing = { code: 'REGISTRY_NOT_FOUND', message: `No notification with id ${NOBODY}.` };
    await expect(registry.notification(NOBODY)).rejects.toMatchObject(missing);
    await expect(registry.progress(NOBODY)).rejects.toMatchObject(missing);
    await expect(registry.vmoves(NOBODY, ALL)).rejects.toMatchObject(missing);
    await expect(registry.vmove(NOBODY, NOBODY)).rejects.toMatchObject(missing);
  });

  it('is found by host, type, status and age', async () => {
    const bench = await registryBench();
    const { registry } = bench;
    await registry.notify(vmReport('cmp1', 'i-1', T0));
    await registry.notify(vmReport('cmp2', 'i-2', T0 + 1));
    await registry.notify(reportOf('cmp3', { generatedAtMs: T0 + 2, payload: { event: 'STARTED' } }));
    const ids = async (query: Partial<Parameters<typeof registry.notifications>[0]>): Promise<readonly number[]> =>
      (await registry.notifications({ ...OLDEST_FIRST, ...query })).map(({ id }) => id);
    expect(await ids({})).toEqual([1, 2, 3]);
    expect(await ids({ sort: [] }), 'the newest first').toEqual([3, 2, 1]);
    expect(await ids({ type: 'VM' })).toEqual([1, 2]);
    expect(await ids({ status: 'finished' })).toEqual([3]);
    expect(await ids({ status: 'bogus' })).toEqual([]);
    expect(await ids({ sourceHostUuid: implicitHostUuid('cmp2') })).toEqual([2]);
    expect(await ids({ generatedSinceMs: T0 + 1 })).toEqual([2, 3]);
    expect(await ids({ sort: [{ key: 'generated_time', direction: 'desc' }], marker: '2' })).toEqual([1]);
    expect(await ids({ sort: [{ key: 'notification_uuid', direction: 'asc' }], limit: 2 })).toHaveLength(2);
    await expect(ids({ sort: [{ key: 'uuid', direction: 'asc' }] })).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
    });
  });
});

describe('a report of a host that is not down', () => {
  it.each([
    ['is up', { event: 'STARTED', host_status: 'NORMAL', cluster_status: 'ONLINE' }, 'finished'],
    ['has an unknown state', { ...DOWN, host_status: 'UNKNOWN' }, 'ignored'],
  ] as const)('because it %s has ended as soon as it is taken', async (_what, payload, status) => {
    const bench = await registryBench();
    const entry = await bench.registry.notify(reportOf('cmp1', { payload }));
    expect(entry.status).toBe(status);
    expect(entry.message).toContain('cmp1');
    expect(bench.looks).toBe(0);
    bench.verdicts = [
      {
        state: 'lost',
        node: 'cmp1',
        host: 'cmp1',
        lostSinceMs: 0,
        hold: { kind: 'not-fenced', reason: 'x', remedy: undefined },
      },
    ];
    await bench.claims.settle();
    expect(await bench.registry.notification(entry.uuid)).toEqual(entry);
  });
});

describe('the moves and the progress of a notification', () => {
  const dead = async () => {
    const bench = await registryBench();
    const made = newRecovery(
      { host: 'cmp1', node: 'cmp1', proof: proofOf('cmp1', T0), lostSinceMs: T0 - 1_000, now: T0 },
      systemRandomness,
    );
    await bench.store.addRecovery(made.notification, made.recovery);
    return { bench, ...made };
  };
  const uuidOf = (n: number): string => `aaaaaaaa-0000-4000-8000-${String(n).padStart(12, '0')}`;

  it('are those of the recovery that answers it, each with what was seen (S10)', async () => {
    const { bench, notification, recovery } = await dead();
    const moves = (['waiting', 'accepted', 'done', 'skipped', 'failed'] as const).map((state, index) => ({
      ...moveOf(recovery.id, uuidOf(index)),
      name: `web-${index}`,
      state,
      sentAtMs: state === 'waiting' ? undefined : T0 + 10,
      targetHost: state === 'done' ? 'cmp2' : undefined,
      endedAtMs: ['done', 'skipped', 'failed'].includes(state) ? T0 + 100 + index : undefined,
      reason: state === 'failed' ? 'no valid host' : undefined,
    }));
    await bench.store.saveMoves(moves);
    await bench.store.saveRecovery({ ...recovery, state: 'evacuating' });
    const sorted = { ...ALL, sort: [{ key: 'instance_name', direction: 'asc' }] } as const;
    const vmoves = await bench.registry.vmoves(notification.id, sorted);
    expect(vmoves.map(({ status }) => status)).toEqual(['pending', 'ongoing', 'succeeded', 'ignored', 'failed']);
    expect(vmoves[2]).toMatchObject({
      uuid: uuidOf(2),
      notificationUuid: notification.id,
      sourceHost: 'cmp1',
      destHost: 'cmp2',
      type: 'evacuation',
      startedAtMs: T0 + 10,
      endedAtMs: T0 + 102,
    });
    expect(vmoves[4]?.message).toBe('no valid host');
    expect(
      (await bench.registry.vmoves(notification.id, { ...ALL, status: 'failed' })).map(({ uuid }) => uuid),
    ).toEqual([uuidOf(4)]);
    const afterFirst = await bench.registry.vmoves(notification.id, {
      ...sorted,
      marker: String(vmoves[0]?.id),
      limit: 2,
    });
    expect(afterFirst).toEqual(vmoves.slice(1, 3));
    expect(await bench.registry.vmove(notification.id, uuidOf(2))).toEqual(vmoves[2]);
    await expect(bench.registry.vmove(notification.id, 'bad')).rejects.toMatchObject({
      code: 'REGISTRY_NOT_FOUND',
      message: 'No vm move with id bad.',
    });
    const tasks = await bench.registry.progress(notification.id);
    expect(tasks.map(({ name, progress, state }) => [name, state, progress])).toEqual([
      ['disable_compute_service_task', 'SUCCESS', 1],
      ['prepare_HA_enabled_instances_task', 'SUCCESS', 1],
      ['evacuate_instances_task', 'RUNNING', 0.6],
    ]);
    expect(tasks[2]?.steps.map(({ message }) => message)).toEqual([
      `web-2 (i-${uuidOf(2)}) runs on cmp2`,
      `web-3 (i-${uuidOf(3)}) needs no move`,
      `web-4 (i-${uuidOf(4)}) failed: no valid host`,
    ]);
  });

  it.each([
    ['accepted', undefined, ['PENDING', 'PENDING', 'PENDING']],
    ['isolating', undefined, ['RUNNING', 'PENDING', 'PENDING']],
    ['held', 'isolating', ['RUNNING', 'PENDING', 'PENDING']],
    ['held', 'evacuating', ['SUCCESS', 'SUCCESS', 'RUNNING']],
    ['recovered', undefined, ['SUCCESS', 'SUCCESS', 'SUCCESS']],
    ['released', undefined, ['SUCCESS', 'SUCCESS', 'SUCCESS']],
  ] as const)('says of a recovery that is %s (%s) what was done', async (state, resumeTo, expected) => {
    const { bench, notification, recovery } = await dead();
    await bench.store.saveMoves([{ ...moveOf(recovery.id, uuidOf(1)), state: 'done', endedAtMs: T0 }]);
    await bench.store.saveRecovery({ ...recovery, state, resumeTo });
    expect((await bench.registry.progress(notification.id)).map((task) => task.state)).toEqual(expected);
  });

  it('says that a recovery has failed when a move has, or when it was closed before its end', async () => {
    const { bench, notification, recovery } = await dead();
    const move = moveOf(recovery.id, uuidOf(1));
    await bench.store.saveMoves([{ ...move, state: 'failed', endedAtMs: T0 }]);
    const last = async () => (await bench.registry.progress(notification.id)).at(-1)?.state;
    await bench.store.saveRecovery({ ...recovery, state: 'failed' });
    expect(await last()).toBe('FAILURE');
    await bench.store.saveMoves([move]);
    await bench.store.saveRecovery({ ...recovery, state: 'superseded' });
    expect(await last()).toBe('FAILURE');
  });

  it('of what has no recovery are none, and of an instance there are no moves', async () => {
    const bench = await registryBench();
    const host = await bench.registry.notify(reportOf('cmp1'));
    const vm = await bench.registry.notify(vmReport('cmp1'));
    expect(await bench.registry.vmoves(host.uuid, ALL)).toEqual([]);
    expect(await bench.registry.progress(host.uuid)).toEqual([]);
    await expect(bench.registry.vmoves(vm.uuid, ALL)).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      message: `This notification ${vm.uuid} without vm moves.`,
    });
    expect(await bench.registry.progress(vm.uuid), 'nobody answers it').toEqual([]);
    bench.notices.onProgress(['VM'], ({ work }) => [
      { name: work ?? 'none', state: 'RUNNING', progress: 0.5, steps: [] },
    ]);
    await bench.notices.save({ uuid: vm.uuid, status: 'running', message: undefined, work: 'stop_instance_task' });
    expect(await bench.registry.progress(vm.uuid)).toMatchObject([{ name: 'stop_instance_task' }]);
  });
});
