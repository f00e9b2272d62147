import { describe, expect, it } from 'vitest';
import { systemRandomness } from '../../src/edge/randomness.ts';
import { IMPLICIT_SEGMENT_UUID, implicitHostUuid } from '../../src/engine/registry/implicit-segment.ts';
import type { NewNotice } from '../../src/engine/registry/notice.ts';
import type { Segment, SegmentHost } from '../../src/engine/segments/segment.ts';
import type { ListedColumn, RowQuery } from '../../src/engine/store/row-query.ts';
import type { Store } from '../../src/engine/store/store.ts';
import { owed } from './suite.ts';

type NoticeQuery = RowQuery<ListedColumn<'notice'>>;

const BY_NUMBER: NoticeQuery = { where: [], order: [{ column: 'number', direction: 'asc' }] };
const SEGMENTS: RowQuery<ListedColumn<'segment'>> = { where: [], order: [{ column: 'number', direction: 'asc' }] };
const HOSTS: RowQuery<ListedColumn<'segment_host'>> = { where: [], order: [{ column: 'number', direction: 'asc' }] };
const DAY_MS = 86_400_000;

/** What the API shows, in any store. `asEngine`: an open store with the lease. */
export function registrySuite(asEngine: <T>(work: (store: Store) => Promise<T>) => Promise<T>): void {
  const noticeOfRecovery = async (store: Store, uuid: string) =>
    (await store.listNotices({ ...BY_NUMBER, where: [{ column: 'uuid', is: '=', value: uuid }] }))[0];

  describe('segments and hosts', () => {
    it('have numbers that grow and are never given twice, also when the last one is gone', async () => {
      await asEngine(async (store) => {
        await store.addSegment(segment('a'));
        await store.addHost('segment-a', host('cmp1'));
        await store.addSegment(segment('b'));
        await store.removeSegment('segment-b');
        await store.addSegment(segment('c'));
        expect((await store.listSegments(SEGMENTS)).map(({ id, name }) => [id, name])).toEqual([
          [1, 'a'],
          [3, 'c'],
        ]);
        await store.removeHost('host-cmp1');
        await store.addHost('segment-c', host('cmp1', 'again'));
        expect((await store.listHosts(HOSTS)).map(({ id, segmentUuid }) => [id, segmentUuid])).toEqual([
          [2, 'segment-c'],
        ]);
      });
    });

    it('keep number and times when the file is read again, and tell that they were changed', async () => {
      await asEngine(async (store) => {
        const whole: Segment = { ...segment('a'), hosts: [host('cmp1'), host('cmp2')] };
        await store.replaceSegments([whole]);
        const before = await store.listSegments(SEGMENTS);
        const hosts = await store.listHosts(HOSTS);
        expect(before[0]).toMatchObject({ id: 1, declared: false, updatedAtMs: undefined });
        expect(Math.abs((before[0]?.createdAtMs ?? 0) - Date.now())).toBeLessThan(60_000);
        await store.replaceSegments([{ ...segment('z'), hosts: [] }, whole]);
        const both = await store.listSegments(SEGMENTS);
        expect(both.map(({ id, name }) => [id, name])).toEqual([
          [1, 'a'],
          [2, 'z'],
        ]);
        expect(both[0]).toEqual(before[0]);
        expect(await store.listHosts(HOSTS)).toEqual(hosts);
        await store.replaceSegments([{ ...whole, enabled: false, hosts: [host('cmp1')] }]);
        const changed = await store.listSegments(SEGMENTS);
        expect(changed).toHaveLength(1);
        expect(changed[0]).toMatchObject({ id: 1, enabled: false, createdAtMs: before[0]?.createdAtMs });
        expect(changed[0]?.updatedAtMs).toBeGreaterThanOrEqual(before[0]?.createdAtMs ?? 0);
        expect(await store.listHosts(HOSTS)).toEqual([hosts[0]]);
      });
    });

    it('come over from elsewhere with number and times, once; a number that was given here is not taken', async () => {
      await asEngine(async (store) => {
        await store.addSegment(segment('a'));
        const stamp = { createdAtMs: 1_000, updatedAtMs: 2_000 };
        const moved = {
          segments: [
            { ...segment('m'), number: 7, ...stamp },
            { ...segment('n'), number: 1, createdAtMs: 3_000 },
            { ...segment('o') },
          ],
          hosts: [{ ...host('cmp1'), segmentUuid: 'segment-m', number: 40, ...stamp }],
          notices: [{ ...reported('moved'), origin: 'imported', status: 'finished', number: 9, ...stamp }],
        } as const;
        await store.moveIn(moved);
        const seen = async () => ({
          segments: await store.listSegments(SEGMENTS),
          hosts: await store.listHosts(HOSTS),
          notices: await store.listNotices(BY_NUMBER),
        });
        const before = await seen();
        expect(before.segments.map(({ id, name }) => [id, name])).toEqual([
          [1, 'a'],
          [7, 'm'],
          [8, 'n'],
          [9, 'o'],
        ]);
        expect(before.segments[1]).toMatchObject({ ...stamp, declared: false });
        expect(before.segments[2]).toMatchObject({ createdAtMs: 3_000, updatedAtMs: undefined });
        expect(Math.abs((before.segments[3]?.createdAtMs ?? 0) - Date.now())).toBeLessThan(60_000);
        expect(before.hosts).toMatchObject([{ id: 40, name: 'cmp1', segmentUuid: 'segment-m', ...stamp }]);
        expect(before.notices).toMatchObject([{ number: 9, origin: 'imported', ...stamp }]);
        await store.moveIn(moved);
        expect(await seen()).toEqual(before);
        await store.addHost('segment-a', host('cmp2'));
        await store.addNotice(reported('later'));
        expect((await store.listHosts(HOSTS)).at(-1)?.id).toBe(41);
        expect((await store.listNotices(BY_NUMBER)).at(-1)?.number).toBe(10);
        expect((await store.segments()).map(({ name, hosts }) => [name, hosts.length])).toEqual([
          ['a', 1],
          ['m', 1],
          ['n', 0],
          ['o', 0],
        ]);
      });
    });

    it('are changed and removed one by one, and stand in the order in which they came', async () => {
      await asEngine(async (store) => {
        await store.addSegment(segment('b'));
        await store.addSegment(segment('a'));
        await store.addHost('segment-b', host('cmp2'));
        await store.addHost('segment-b', host('cmp1'));
        await store.saveHost({ ...host('cmp2'), onMaintenance: true, reserved: true });
        await store.saveSegment({ ...segment('a'), description: 'it’s "a"', enabled: false });
        expect(await store.segments()).toEqual([
          { ...segment('b'), hosts: [{ ...host('cmp2'), onMaintenance: true, reserved: true }, host('cmp1')] },
          { ...segment('a'), description: 'it’s "a"', enabled: false, hosts: [] },
        ]);
        await store.removeSegment('segment-b');
        expect((await store.segments()).map(({ name }) => name)).toEqual(['a']);
        expect(await store.listHosts(HOSTS)).toEqual([]);
      });
    });

    it('are the same when they are written again, for the answer to the first try may be lost', async () => {
      await asEngine(async (store) => {
        for (let time = 1; time <= 2; time += 1) {
          await store.addSegment(segment('a'));
          await store.addHost('segment-a', host('cmp1'));
        }
        expect((await store.listSegments(SEGMENTS)).map(({ id }) => id)).toEqual([1]);
        expect((await store.listHosts(HOSTS)).map(({ id }) => id)).toEqual([1]);
      });
    });
  });

  describe('a notification that the API shows', () => {
    it('is there for each proven loss, and stands as its recovery does', async () => {
      const { notification, recovery } = owed();
      await asEngine(async (store) => {
        await store.addRecovery(notification, recovery);
        await store.addRecovery(notification, recovery);
        const [own, ...others] = await store.listNotices(BY_NUMBER);
        expect(others).toEqual([]);
        expect(own).toMatchObject({
          uuid: notification.id,
          number: 1,
          origin: 'bridge',
          type: 'COMPUTE_HOST',
          host: 'cmp1',
          sourceHostUuid: implicitHostUuid('cmp1'),
          segmentUuid: IMPLICIT_SEGMENT_UUID,
          payload: { event: 'STOPPED', host_status: 'NORMAL', cluster_status: 'OFFLINE' },
          status: 'new',
          recoveryId: recovery.id,
          createdAtMs: notification.createdAtMs,
        });
        const standing = async () => {
          const { status, message } = (await noticeOfRecovery(store, notification.id)) ?? {};
          return [status, message];
        };
        await store.saveRecovery({ ...recovery, state: 'evacuating' });
        expect(await standing()).toEqual(['running', undefined]);
        const hold = { kind: 'storm', reason: '5 hosts are lost', remedy: 'lifeboat proceed' } as const;
        await store.saveRecovery({ ...recovery, state: 'held', hold });
        expect(await standing()).toEqual(['running', '5 hosts are lost; lifeboat proceed']);
        await store.saveRecovery({ ...recovery, state: 'failed', reason: '1 of 2 instances recovered' });
        expect(await standing()).toEqual(['failed', '1 of 2 instances recovered']);
        await store.saveRecovery({ ...recovery, state: 'evacuating', reason: 'tried again' });
        expect(await standing(), 'an operator has it tried again').toEqual(['running', 'tried again']);
        await store.saveRecovery({ ...recovery, state: 'recovered', reason: '2 of 2 instances recovered' });
        await store.saveRecovery({ ...recovery, state: 'released', reason: 'it is back' });
        expect(await standing(), 'as it ended').toEqual(['finished', '2 of 2 instances recovered']);
      });
    });

    it('has failed when its recovery was closed before it ended', async () => {
      const { notification, recovery } = owed();
      await asEngine(async (store) => {
        await store.addRecovery(notification, recovery);
        await store.saveRecovery({ ...recovery, state: 'superseded', reason: 'somebody else gave it back' });
        expect(await noticeOfRecovery(store, notification.id)).toMatchObject({
          status: 'failed',
          message: 'somebody else gave it back',
        });
      });
    });

    it('names the host in its segment, however its name is written', async () => {
      await asEngine(async (store) => {
        await store.replaceSegments([{ ...segment('a'), hosts: [host('CMP1')] }]);
        const { notification, recovery } = owed();
        await store.addRecovery(notification, recovery);
        expect(await noticeOfRecovery(store, notification.id)).toMatchObject({
          sourceHostUuid: 'host-CMP1',
          segmentUuid: 'segment-a',
        });
        await store.replaceSegments([{ ...segment('a'), hosts: [] }]);
        const later = owed(9_000_000);
        await store.addNotification({ ...later.notification, status: 'failed' }, 'it was up again');
        const told = await noticeOfRecovery(store, later.notification.id);
        expect(told).toMatchObject({ sourceHostUuid: implicitHostUuid('cmp1'), status: 'failed' });
        expect(told?.segmentUuid).toBeUndefined();
        expect(told?.message).toBe('it was up again');
      });
    });

    it('of somebody else is written once, and shows how it goes on', async () => {
      await asEngine(async (store) => {
        const notice = reported('a');
        const first = await store.addNotice(notice);
        expect(await store.addNotice(notice)).toEqual(first);
        expect(first).toMatchObject({ ...notice, number: 1, updatedAtMs: undefined });
        await store.saveNotice({ uuid: 'a', status: 'running', message: 'it’s on', work: '{"step":1}' });
        await store.saveNotice({ uuid: 'a', status: 'error', message: undefined });
        const [shown] = await store.listNotices(BY_NUMBER);
        expect(shown).toMatchObject({ status: 'error', message: undefined, work: '{"step":1}' });
        expect(shown?.updatedAtMs).toBeGreaterThanOrEqual(first.createdAtMs);
        await store.saveNotice({ uuid: 'gone', status: 'failed', message: undefined });
        expect(await store.listNotices(BY_NUMBER)).toHaveLength(1);
      });
    });

    it('that was joined to a recovery stands as that one does, also when that one is over', async () => {
      const { notification, recovery } = owed();
      await asEngine(async (store) => {
        await store.addRecovery(notification, recovery);
        await store.addNotice(reported('a'));
        await store.joinNotice('a', recovery);
        expect(await noticeOfRecovery(store, 'a')).toMatchObject({ status: 'new', recoveryId: recovery.id });
        await store.saveRecovery({ ...recovery, state: 'recovered', reason: '2 of 2' });
        expect(await noticeOfRecovery(store, 'a')).toMatchObject({ status: 'finished', message: '2 of 2' });
        await store.saveRecovery({ ...recovery, state: 'released' });
        await store.addNotice(reported('late'));
        await store.joinNotice('late', recovery);
        expect(await noticeOfRecovery(store, 'late')).toMatchObject({ status: 'finished', message: '2 of 2' });
        await store.forget([notification.id]);
        expect(await store.listNotices(BY_NUMBER), 'all of it is forgotten together').toEqual([]);
      });
    });

    it('of somebody else is forgotten when it is old and has ended, and not before', async () => {
      await asEngine(async (store) => {
        await store.addNotice({ ...reported('ended'), status: 'ignored' });
        await store.addNotice(reported('open'));
        const { notification, recovery } = owed();
        await store.addRecovery(notification, recovery);
        await store.saveRecovery({ ...recovery, state: 'recovered' });
        expect(await store.forgetNotices(Date.now() - DAY_MS, 10)).toBe(0);
        expect(await store.forgetNotices(Date.now() + DAY_MS, 10)).toBe(1);
        expect((await store.listNotices(BY_NUMBER)).map(({ uuid }) => uuid)).toEqual(['open', notification.id]);
        await store.addNotice(reported('next'));
        expect((await store.listNotices(BY_NUMBER)).map(({ number }) => number)).toEqual([2, 3, 4]);
      });
    });

    it('is found by what was asked for, in the order asked for, and from a marker on', async () => {
      await asEngine(async (store) => {
        for (const [uuid, type, message] of [
          ['a', 'VM', 'z'],
          ['b', 'PROCESS', undefined],
          ['c', 'VM', 'Z'],
          ['d', 'VM', 'ä'],
          ['e', 'VM', undefined],
        ] as const)
          await store.addNotice({ ...reported(uuid), type, message, generatedAtMs: uuid.charCodeAt(0) });
        const uuids = async (query: Partial<NoticeQuery>): Promise<string> =>
          (await store.listNotices({ ...BY_NUMBER, ...query })).map(({ uuid }) => uuid).join('');
        expect(await uuids({ where: [{ column: 'type', is: '=', value: 'VM' }] })).toBe('acde');
        expect(await uuids({ where: [{ column: 'generated_at', is: '>=', value: 99 }] })).toBe('cde');
        expect(await uuids({ where: [{ column: 'uuid', is: 'in', value: ['b', 'e'] }] })).toBe('be');
        expect(await uuids({ where: [{ column: 'uuid', is: 'in', value: [] }] })).toBe('');
        expect(await uuids({ where: [{ column: 'host', is: '=', value: `' OR 1=1; --` }] })).toBe('');
        const byMessage = (direction: 'asc' | 'desc'): NoticeQuery['order'] => [
          { column: 'message', direction },
          { column: 'number', direction: 'desc' },
        ];
        expect(await uuids({ order: byMessage('asc') }), 'an empty field is the least').toBe('ebcad');
        expect(await uuids({ order: byMessage('desc') })).toBe('daceb');
        for (const order of [byMessage('asc'), byMessage('desc'), BY_NUMBER.order]) {
          const all = await store.listNotices({ ...BY_NUMBER, order });
          const paged: string[] = [];
          for (let after: number | undefined; ;) {
            const [next] = await store.listNotices({ where: [], order, after, limit: 1 });
            if (next === undefined) break;
            paged.push(next.uuid);
            after = next.number;
          }
          expect(paged).toEqual(all.map(({ uuid }) => uuid));
        }
        await expect(uuids({ after: 99 })).rejects.toMatchObject({
          code: 'REGISTRY_REFUSED',
          message: 'Marker 99 could not be found.',
        });
      });
    });
  });

  it('is not written by an engine without the lease (S5)', async () => {
    await asEngine(async (store) => {
      await store.addSegment(segment('a'));
      await store.addNotice(reported('a'));
      await store.releaseLease();
      const writes: readonly (() => Promise<unknown>)[] = [
        () => store.addSegment(segment('b')),
        () => store.saveSegment({ ...segment('a'), enabled: false }),
        () => store.removeSegment('segment-a'),
        () => store.addHost('segment-a', host('cmp1')),
        () => store.saveHost(host('cmp1')),
        () => store.removeHost('host-cmp1'),
        () => store.addNotice(reported('b')),
        () => store.saveNotice({ uuid: 'a', status: 'failed', message: undefined }),
        () => store.joinNotice('a', owed().recovery),
        () => store.forgetNotices(Date.now() + DAY_MS, 10),
        () => store.moveIn({ segments: [segment('m')], hosts: [], notices: [] }),
      ];
      for (const write of writes) await expect(write()).rejects.toMatchObject({ code: 'LEASE_LOST' });
      expect(await store.segments()).toEqual([{ ...segment('a'), hosts: [] }]);
      expect((await store.listNotices(BY_NUMBER)).map(({ uuid, status }) => [uuid, status])).toEqual([['a', 'new']]);
      await store.takeLease({ holder: `ctl1 ${systemRandomness.uuid()}`, durationMs: 60_000 });
    });
  });
}

function segment(name: string): Omit<Segment, 'hosts'> {
  return {
    uuid: `segment-${name}`,
    name,
    description: undefined,
    serviceType: 'compute',
    recoveryMethod: 'auto',
    enabled: true,
    declared: false,
  };
}

function host(name: string, which = ''): SegmentHost {
  return {
    uuid: `host-${name}${which}`,
    name,
    type: 'COMPUTE',
    controlAttributes: 'SSH',
    reserved: false,
    onMaintenance: false,
  };
}

export function reported(uuid: string): NewNotice {
  return {
    uuid,
    origin: 'report',
    type: 'VM',
    host: 'cmp1',
    sourceHostUuid: 'host-cmp1',
    segmentUuid: 'segment-a',
    payload: { event: 'LIFECYCLE', instance_uuid: 'i-1', vir_domain_event: 'STOPPED_FAILED' },
    generatedAtMs: 1_780_000_000_000,
    status: 'new',
    message: undefined,
    recoveryId: undefined,
    work: undefined,
  };
}
