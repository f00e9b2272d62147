import { describe, expect, it } from 'vitest';
import { readMark, recoveryMark, suspectMark } from '../../../../src/engine/mark.ts';
import { processMark, readProcessMark } from '../../../../src/engine/processes/process-mark.ts';
import { proofOf } from '../bench.ts';

const MARK = { processes: ['nova-compute', 'libvirtd'], sinceMs: 1_780_000_000_000 };

describe('the mark of a failed process', () => {
  it('is read as it was written, and says in words what it is for', () => {
    const text = processMark('cmp1', MARK);
    expect(readProcessMark(text)).toEqual(MARK);
    expect(text).toContain('nova-compute and libvirtd of cmp1 have failed');
  });

  it('fits into Nova’s 255 characters with all its facts, whatever the names', () => {
    const processes = ['a', 'b', 'c', 'd', 'e'].map((letter) => letter.repeat(40));
    const text = processMark('h'.repeat(255), { ...MARK, processes });
    expect([...text].length).toBeLessThanOrEqual(255);
    expect(readProcessMark(text)?.processes).toEqual(processes);
  });

  it('is not one of a recovery or of a suspect: the gate stays open for the process, and no recovery is owed', () => {
    for (const processes of [MARK.processes, ['suspect'], ['fenced']]) {
      expect(readMark(processMark('cmp1', { ...MARK, processes }))).toBeUndefined();
    }
    expect(readProcessMark(recoveryMark(proofOf('cmp1'), false, 1))).toBeUndefined();
    expect(readProcessMark(suspectMark('process', false))).toBeUndefined();
  });

  it.each([
    undefined,
    '',
    'new memory',
    'AUTO: Connection to libvirt lost: 1',
    'lifeboat: [process|1|]',
    'lifeboat: [process|x|nova-compute]',
    'lifeboat: [process|1|nova-compute|more]',
    'lifeboat: [process|1|nova-compute] see ticket 7',
    '[process|1|nova-compute]',
  ])('is not found in %j: an operator’s words are left alone', (reason) => {
    expect(readProcessMark(reason)).toBeUndefined();
  });
});
