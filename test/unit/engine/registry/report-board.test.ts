import { describe, expect, it } from 'vitest';
import type { NewNotice, Notice } from '../../../../src/engine/registry/notice.ts';
import { ReportBoard, subjectOf } from '../../../../src/engine/registry/report-board.ts';
import { reportStatus, reportWords } from '../../../../src/daemon/report-status.ts';
import { noticeBench } from '../notice-bench.ts';

const VM: Pick<NewNotice, 'type' | 'host' | 'payload'> = {
  type: 'VM',
  host: 'cmp1',
  payload: { event: 'LIFECYCLE', instance_uuid: 'i1', vir_domain_event: 'STOPPED_FAILED' },
};
const PROCESS = { type: 'PROCESS', host: 'cmp2', payload: { event: 'STOPPED', process_name: 'nova-compute' } } as const;

async function boardBench() {
  const bench = await noticeBench();
  const desk = bench.open();
  const fresh = (): ReportBoard =>
    new ReportBoard({ notices: desk.notices, clock: bench.time, onChange: () => undefined });
  const written = async (given: typeof VM, status: Notice['status'], message = ''): Promise<Notice> => {
    const uuid = await desk.post(given);
    await bench.store.saveNotice({ uuid, status, message });
    return bench.read(uuid);
  };
  return { ...bench, fresh, written };
}

describe('the board of reports', () => {
  it('shows what is at work first, then what failed, in words for crm_mon as well', async () => {
    const bench = await boardBench();
    const board = bench.fresh();
    board.note(await bench.written(PROCESS, 'failed', 'Nova was told 3 times'));
    board.note(await bench.written(VM, 'running', 'it is being started again'));
    expect(board.shown.map(reportStatus)).toMatchObject([
      { host: 'cmp1', subject: 'i1', state: 'at work', reason: 'it is being started again' },
      { host: 'cmp2', subject: 'nova-compute', state: 'failed', reason: 'Nova was told 3 times' },
    ]);
    expect(reportWords(board.shown)).toBe(', 1 instance restarting, 1 report failed');
    expect(reportWords([])).toBe('');
  });

  it('forgets what ended well, what was ignored, and what failed an hour ago', async () => {
    const bench = await boardBench();
    const board = bench.fresh();
    const running = await bench.written(VM, 'running');
    board.note(running);
    board.note({ ...running, status: 'finished' });
    board.note(await bench.written(PROCESS, 'ignored'));
    board.note(await bench.written(PROCESS, 'failed'));
    expect(board.shown.map(({ status }) => status)).toEqual(['failed']);
    await bench.passMs(3_600_001);
    expect(board.shown).toEqual([]);
  });

  it('takes a failure away when the same instance or process is well since', async () => {
    const bench = await boardBench();
    const board = bench.fresh();
    board.note(await bench.written(VM, 'failed'));
    board.note(await bench.written({ ...VM, payload: { ...VM.payload, instance_uuid: 'i2' } }, 'failed'));
    board.note(await bench.written(VM, 'finished'));
    expect(board.shown.map(subjectOf)).toEqual(['i2']);
  });

  it('is as before when another engine takes over', async () => {
    const bench = await boardBench();
    await bench.written(VM, 'failed');
    await bench.written(PROCESS, 'running');
    await bench.written(PROCESS, 'finished');
    const board = bench.fresh();
    await board.load();
    expect(board.shown.map(({ status, type }) => [type, status])).toEqual([
      ['PROCESS', 'running'],
      ['VM', 'failed'],
    ]);
  });
});
