import { describe, expect, it } from 'vitest';
import { judgeMove } from '../../../src/engine/judge-move.ts';
import type { MoveLimits, Sight } from '../../../src/engine/judgement.ts';
import type { Move } from '../../../src/engine/move.ts';
import type { Evacuation, Instance } from '../../../src/openstack/cloud.ts';

const LIMITS: MoveLimits = { settleMs: 30_000, moveTimeoutMs: 600_000, attempts: 3 };

const MOVE: Move = {
  id: 'm1',
  recoveryId: 'r1',
  instanceId: 'i1',
  name: 'web-1',
  state: 'waiting',
  reason: undefined,
  sourceHost: 'cmp1',
  targetHost: undefined,
  formerVmState: 'active',
  wantedState: 'active',
  failures: 0,
  pastEvacuationId: 7,
  sentAtMs: undefined,
  acceptedAtMs: undefined,
  endedAtMs: undefined,
};

const ON_SOURCE: Instance = {
  id: 'i1',
  name: 'web-1',
  projectId: 'p1',
  status: 'ACTIVE',
  vmState: 'active',
  taskState: undefined,
  powerState: 1,
  host: 'cmp1',
  metadata: {},
  tags: [],
  fault: undefined,
  createdAtMs: 0,
};
const ELSEWHERE: Instance = { ...ON_SOURCE, host: 'cmp2' };

const RECORD: Evacuation = {
  id: '8',
  instanceId: 'i1',
  sourceHost: 'cmp1',
  targetHost: 'cmp2',
  status: 'pre-migrating',
  createdAtMs: 0,
  updatedAtMs: 0,
};

function judge(move: Partial<Move>, sight: Partial<Sight>, elapsedMs = 0): ReturnType<typeof judgeMove> {
  return judgeMove(
    { ...MOVE, ...move },
    { instance: ON_SOURCE, evacuation: undefined, target: 'alive', lastCall: 'unknown', ...sight },
    elapsedMs,
    LIMITS,
  );
}

describe('an evacuate call may be sent (S3)', () => {
  it('when the instance is still on the dead host and nothing is under way', () => {
    expect(judge({}, {})).toEqual({ kind: 'ready' });
  });

  it.each(['active', 'stopped', 'error'])('for an instance that is %s', (vmState) => {
    expect(judge({}, { instance: { ...ON_SOURCE, vmState } })).toEqual({ kind: 'ready' });
  });

  it('never while the instance is rebuilding, whoever began that', () => {
    for (const taskState of ['rebuilding', 'rebuild_block_device_mapping', 'rebuild_spawning']) {
      expect(judge({}, { instance: { ...ON_SOURCE, taskState } })).toMatchObject({ move: { state: 'accepted' } });
    }
  });

  it('never while an evacuation record of it is open, even if its task state is empty for a moment', () => {
    expect(judge({}, { evacuation: RECORD })).toMatchObject({ move: { state: 'accepted', targetHost: 'cmp2' } });
  });

  it('never while a call of ours has an open outcome', () => {
    expect(judge({ state: 'sending' }, {}, LIMITS.settleMs - 1)).toEqual({ kind: 'wait' });
    expect(judge({ state: 'accepted' }, {}, LIMITS.settleMs - 1)).toEqual({ kind: 'wait' });
  });

  it('again when a call was cut off and Nova has shown no trace of it for the whole settle time', () => {
    expect(judge({ state: 'sending' }, {}, LIMITS.settleMs)).toMatchObject({ move: { state: 'waiting' } });
  });

  it.each([
    ['paused', 'reset'],
    ['suspended', 'reset'],
    ['rescued', 'reset'],
    ['resized', 'confirm'],
  ])('never for an instance that is %s: its state has to change before, which is written down', (vmState, kind) => {
    const judgement = judge({ formerVmState: vmState }, { instance: { ...ON_SOURCE, vmState } });
    expect(judgement).toMatchObject({ kind: 'step', step: { kind, move: { state: 'preparing' } } });
  });

  it.each([
    ['building', 'failed'],
    ['shelved', 'skipped'],
    ['soft-delete', 'skipped'],
  ])('never for an instance that is %s: the move is %s, and nothing of it is changed', (vmState, state) => {
    const judgement = judge({}, { instance: { ...ON_SOURCE, vmState } });
    expect(judgement).toMatchObject({ kind: 'change', move: { state } });
  });

  it('only after Nova showed it fit to be evacuated, when its state had to change before', () => {
    const paused = { ...ON_SOURCE, vmState: 'paused' };
    expect(judge({ state: 'preparing' }, { instance: paused }, LIMITS.settleMs - 1)).toEqual({ kind: 'wait' });
    const reset = { ...ON_SOURCE, vmState: 'error' };
    expect(judge({ state: 'preparing' }, { instance: reset })).toMatchObject({ move: { state: 'waiting' } });
    const rebuilding = { ...reset, taskState: 'rebuilding' };
    expect(judge({ state: 'preparing' }, { instance: rebuilding })).toMatchObject({ move: { state: 'accepted' } });
  });

  it.each(['powering-on', 'powering-off', 'resuming', 'rescuing', 'suspending', 'resize_prep'])(
    'not before it is known whether a call that left it %s still waits in the queue of the dead host',
    (taskState) => {
      const instance = { ...ON_SOURCE, taskState };
      expect(judge({}, { instance })).toMatchObject({ kind: 'step', step: { kind: 'ask' } });
      expect(judge({}, { instance, lastCall: 'taken' })).toEqual({ kind: 'ready' });
    },
  );

  it.each(['pausing', 'rebooting', 'rebooting_hard', 'image_snapshot'])(
    'in the task state %s, which an old host carries out without harm',
    (taskState) => {
      expect(judge({}, { instance: { ...ON_SOURCE, taskState } })).toEqual({ kind: 'ready' });
    },
  );

  it('not while its owner deletes the instance', () => {
    expect(judge({}, { instance: { ...ON_SOURCE, taskState: 'deleting' } })).toEqual({ kind: 'wait' });
  });
});

describe('a move is done (S10)', () => {
  it('when the instance was seen running on another host', () => {
    expect(judge({ state: 'accepted' }, { instance: ELSEWHERE })).toMatchObject({
      move: { state: 'done', targetHost: 'cmp2' },
    });
  });

  it('not while it is still being built there', () => {
    const instance = { ...ELSEWHERE, taskState: 'rebuild_spawning' };
    expect(judge({ state: 'accepted' }, { instance })).toEqual({ kind: 'wait' });
  });

  it('not when it is there and does not run: it has failed, with the command that starts it', () => {
    for (const [vmState, powerState] of [
      ['stopped', 4],
      ['active', 0],
    ] as const) {
      const instance = { ...ELSEWHERE, vmState, powerState };
      expect(judge({ state: 'accepted' }, { instance }, LIMITS.settleMs)).toMatchObject({ move: { state: 'failed' } });
    }
  });

  it('not when it is in error there: it has failed, with Nova’s fault', () => {
    const instance = { ...ELSEWHERE, vmState: 'error', fault: 'no disk' };
    const judgement = judge({ state: 'accepted' }, { instance });
    expect(judgement).toMatchObject({ move: { state: 'failed', reason: 'it is in error on cmp2: no disk' } });
  });

  it('when an instance that was stopped is stopped there', () => {
    const instance = { ...ELSEWHERE, vmState: 'stopped', powerState: 4 };
    expect(judge({ state: 'accepted', formerVmState: 'stopped', wantedState: 'stopped' }, { instance })).toMatchObject({
      move: { state: 'done' },
    });
  });
});

describe('a move whose evacuation failed', () => {
  const evacuation = { ...RECORD, status: 'error' };
  const instance = { ...ON_SOURCE, vmState: 'error', fault: 'No valid host was found.' };

  it('is tried again, and the failed record belongs to the past', () => {
    const judgement = judge({ state: 'accepted' }, { instance, evacuation });
    expect(judgement).toMatchObject({ kind: 'retry', move: { state: 'waiting', failures: 1, pastEvacuationId: 8 } });
  });

  it('has failed with Nova’s reason when its attempts are used up', () => {
    const judgement = judge({ state: 'accepted', failures: 2 }, { instance, evacuation });
    expect(judgement).toMatchObject({ kind: 'change', move: { state: 'failed' } });
    expect(judgement.kind === 'change' && judgement.move.reason).toContain('No valid host was found.');
  });

  describe('because its target died in the middle', () => {
    const rebuilding = { ...ON_SOURCE, taskState: 'rebuilding' };

    it('is reset and sent again, when the target had taken it and is proven down', () => {
      const judgement = judge({ state: 'accepted' }, { instance: rebuilding, evacuation: RECORD, target: 'proven' });
      expect(judgement).toMatchObject({ kind: 'step', step: { kind: 'reset', move: { state: 'preparing' } } });
      const error = { ...ON_SOURCE, vmState: 'error' };
      const sight = { instance: error, evacuation: RECORD, target: 'proven' } as const;
      expect(judge({ state: 'preparing' }, sight)).toMatchObject({
        kind: 'change',
        move: { state: 'waiting', failures: 1, pastEvacuationId: 8 },
      });
    });

    it('waits while the target may be alive', () => {
      const judgement = judge({ state: 'accepted' }, { instance: rebuilding, evacuation: RECORD, target: 'kept-out' });
      expect(judgement).toEqual({ kind: 'wait' });
    });

    it('has failed when the call may still wait in the queue of the target, which would carry it out a second time', () => {
      const evacuation = { ...RECORD, status: 'accepted' };
      const judgement = judge({ state: 'accepted' }, { instance: rebuilding, evacuation, target: 'proven' });
      expect(judgement).toMatchObject({ kind: 'change', move: { state: 'failed' } });
      expect(judgement.kind === 'change' && judgement.move.reason).toContain('its target cmp2 died');
    });

    it('has failed when its attempts are used up', () => {
      const sight = { instance: rebuilding, evacuation: RECORD, target: 'proven' } as const;
      expect(judge({ state: 'accepted', failures: 2 }, sight)).toMatchObject({
        move: { state: 'failed', failures: 3 },
      });
    });
  });

  it('has failed when a rebuild that is not ours goes nowhere on the dead host', () => {
    const rebuilding = { ...ON_SOURCE, taskState: 'rebuild_spawning' };
    const judgement = judge({ state: 'accepted' }, { instance: rebuilding }, LIMITS.settleMs);
    expect(judgement).toMatchObject({ kind: 'change', move: { state: 'failed' } });
  });

  it('is shown as unknown when Nova never ends it', () => {
    const rebuilding = { ...ON_SOURCE, taskState: 'rebuilding' };
    const judgement = judge({ state: 'accepted' }, { instance: rebuilding, evacuation: RECORD }, LIMITS.moveTimeoutMs);
    expect(judgement.kind === 'change' && judgement.move.reason).toContain('outcome is unknown');
  });
});

describe('a move whose instance is gone', () => {
  it('is skipped when the instance was deleted', () => {
    expect(judge({ state: 'accepted' }, { instance: undefined })).toMatchObject({ move: { state: 'skipped' } });
  });

  it('is skipped when Nova has the instance on no host', () => {
    const instance = { ...ON_SOURCE, host: undefined, vmState: 'shelved_offloaded' };
    expect(judge({}, { instance })).toMatchObject({ move: { state: 'skipped' } });
  });

  it('is done when somebody else moved the instance before us', () => {
    expect(judge({}, { instance: ELSEWHERE })).toMatchObject({ move: { state: 'done', targetHost: 'cmp2' } });
  });
});
