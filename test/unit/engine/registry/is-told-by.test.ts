import { describe, expect, it } from 'vitest';
import { isToldBy } from '../../../../src/engine/registry/is-told-by.ts';
import type { Notice } from '../../../../src/engine/registry/notice.ts';

const DIED = { event: 'LIFECYCLE', instance_uuid: 'i-1', vir_domain_event: 'STOPPED_FAILED' };
const STOPPED = { event: 'STOPPED', process_name: 'libvirtd' };
const STARTED = { event: 'STARTED', process_name: 'libvirtd' };

type Told = readonly [payload: Notice['payload'], generatedAtMs: number, status?: Notice['status']];

function told(type: Notice['type'], ...all: readonly Told[]): readonly Notice[] {
  return all.map(
    ([payload, generatedAtMs, status = 'running']) => ({ type, payload, generatedAtMs, status }) as Notice,
  );
}

describe('a report tells of a failure that is told already', () => {
  it('of a guest when an equal one is being answered, was ignored or has failed', () => {
    for (const status of ['new', 'running', 'ignored', 'failed'] as const) {
      expect(
        isToldBy(told('VM', [DIED, 1, status]), { payload: DIED, generatedAtMs: 2, name: undefined }),
        status,
      ).toBe(true);
    }
  });

  it('but not of a guest that was started again and dies again (S4)', () => {
    const known = told('VM', [DIED, 1, 'finished']);
    expect(isToldBy(known, { payload: DIED, generatedAtMs: 2, name: undefined })).toBe(false);
    expect(isToldBy(known, { payload: DIED, generatedAtMs: 1, name: undefined }), 'the same, sent again').toBe(true);
    const third = told('VM', [DIED, 1, 'finished'], [DIED, 2]);
    expect(isToldBy(third, { payload: DIED, generatedAtMs: 3, name: undefined }), 'the second is being answered').toBe(
      true,
    );
  });

  it('but not of a process that ran meanwhile, whatever became of the report before (S4)', () => {
    const known = told('PROCESS', [STOPPED, 1], [STARTED, 2]);
    expect(isToldBy(known, { payload: STOPPED, generatedAtMs: 3, name: undefined })).toBe(false);
    expect(isToldBy(known, { payload: STOPPED, generatedAtMs: 1, name: undefined }), 'the first, sent again').toBe(
      true,
    );
    expect(isToldBy(known, { payload: STARTED, generatedAtMs: 3, name: undefined })).toBe(true);
    const other = told('PROCESS', [STOPPED, 1], [{ ...STARTED, process_name: 'ovs-vswitchd' }, 2]);
    expect(isToldBy(other, { payload: STOPPED, generatedAtMs: 3, name: undefined }), 'it is another that ran').toBe(
      true,
    );
  });

  it('of a host whenever an equal one was told, for a new fencing is told by the bridge', () => {
    const down = { event: 'STOPPED', cluster_status: 'OFFLINE', host_status: 'NORMAL' };
    expect(
      isToldBy(told('COMPUTE_HOST', [down, 1, 'finished']), { payload: down, generatedAtMs: 2, name: undefined }),
    ).toBe(true);
  });

  it('when it has a name of its own, only while that is being answered', () => {
    const named = { payload: DIED, generatedAtMs: 1, name: 'r-2' };
    expect(isToldBy(told('VM', [DIED, 1, 'running']), named)).toBe(true);
    for (const status of ['failed', 'ignored', 'finished'] as const) {
      expect(isToldBy(told('VM', [DIED, 9, status]), named), status).toBe(false);
    }
    const ran = told('PROCESS', [STOPPED, 1], [STARTED, 2]);
    expect(isToldBy(ran, { payload: STOPPED, generatedAtMs: 3, name: 'r-3' })).toBe(false);
  });
});
