import { describe, expect, it } from 'vitest';
import { RecordedReports } from '../../../../src/engine/registry/recorded-reports.ts';
import { LifeboatError } from '../../../../src/errors.ts';
import { eventually } from '../../../support/eventually.ts';
import { ALL, registryBench, reportOf, withSegment } from './bench.ts';

const PROCESS = { type: 'PROCESS', payload: { event: 'STOPPED', process_name: 'nova-compute' } } as const;

describe('a report of a process', () => {
  it('is recorded, ends at once, and keeps no segment from being changed', async () => {
    const bench = await registryBench();
    const { segment } = await withSegment(bench, 'a', ['cmp1']);
    const reports = new RecordedReports(bench);
    await bench.registry.notify(reportOf('cmp1', PROCESS));
    await eventually('it has ended', async () =>
      (await bench.registry.notifications(ALL)).every(({ status }) => status === 'ignored'),
    );
    const messages = (await bench.registry.notifications(ALL)).map(({ message }) => message ?? '');
    expect(messages.some((message) => message.includes('see to nova-compute of cmp1'))).toBe(true);
    await bench.registry.updateSegment(segment.uuid, { description: 'changed' });
    await reports.settle();
  });

  it('that a former engine had only written down ends with the next one; one of a host does not', async () => {
    const bench = await registryBench();
    await withSegment(bench, 'a', ['cmp1']);
    await bench.registry.notify(reportOf('cmp1', PROCESS));
    const host = await bench.registry.notify(reportOf('cmp1'));
    await new RecordedReports(bench).settle();
    const open = (await bench.registry.notifications(ALL)).filter(({ status }) => status !== 'ignored');
    expect(open.map(({ uuid }) => uuid)).toEqual([host.uuid]);
  });

  it('ends later when the store does not take it now', async () => {
    const bench = await registryBench();
    await withSegment(bench, 'a', ['cmp1']);
    await bench.registry.notify(reportOf('cmp1', PROCESS));
    let isAway = true;
    const reports = new RecordedReports({
      logger: bench.logger,
      notices: {
        unfinished: (types) => bench.notices.unfinished(types),
        onNew: () => undefined,
        onProgress: () => undefined,
        save: (change) =>
          isAway ? Promise.reject(new LifeboatError('STORE_UNUSABLE', 'away')) : bench.notices.save(change),
      },
    });
    await reports.settle();
    expect((await bench.registry.notifications(ALL))[0]?.status).toBe('new');
    isAway = false;
    await reports.settle();
    expect((await bench.registry.notifications(ALL))[0]?.status).toBe('ignored');
  });
});
