import { describe, expect, it } from 'vitest';
import { judgeRestoration } from '../../../src/engine/judge-restoration.ts';
import type { Judgement, MoveLimits } from '../../../src/engine/judgement.ts';
import type { Move } from '../../../src/engine/move.ts';
import { wantedStateOf } from '../../../src/engine/restoration.ts';
import type { Instance } from '../../../src/openstack/cloud.ts';

const LIMITS: MoveLimits = { settleMs: 30_000, moveTimeoutMs: 600_000, attempts: 3 };

const RUNNING: Instance = {
  id: 'i1',
  name: 'web-1',
  projectId: 'p1',
  status: 'ACTIVE',
  vmState: 'active',
  taskState: undefined,
  powerState: 1,
  host: 'cmp2',
  metadata: {},
  tags: [],
  fault: undefined,
  createdAtMs: 0,
};

function moveOf(former: Partial<Instance>, change: Partial<Move> = {}): Move {
  const was = { ...RUNNING, ...former };
  return {
    id: 'm1',
    recoveryId: 'r1',
    instanceId: 'i1',
    name: 'web-1',
    state: 'accepted',
    reason: undefined,
    sourceHost: 'cmp1',
    targetHost: 'cmp2',
    formerVmState: was.vmState,
    wantedState: wantedStateOf(was),
    failures: 0,
    pastEvacuationId: 0,
    sentAtMs: 1,
    acceptedAtMs: 1,
    endedAtMs: undefined,
    ...change,
  };
}

function judge(move: Move, instance: Partial<Instance> = {}, elapsedMs = 0): Judgement {
  return judgeRestoration(move, { ...RUNNING, ...instance }, 'cmp2', elapsedMs, LIMITS);
}

describe('an instance that arrived running', () => {
  it.each([
    [{ vmState: 'paused' }, 'pause'],
    [{ vmState: 'suspended' }, 'suspend'],
    [{ vmState: 'rescued' }, 'rescue'],
    [{ vmState: 'active', taskState: 'powering-off' }, 'stop'],
    [{ vmState: 'active', taskState: 'pausing' }, 'pause'],
    [{ vmState: 'resized', powerState: 4 }, 'stop'],
  ])('and was %o: %s brings it back, and the move says so before the call', (former, action) => {
    const judgement = judge(moveOf(former));
    expect(judgement).toMatchObject({ kind: 'step', step: { kind: 'restore', action, move: { state: 'restoring' } } });
  });

  it.each([{ vmState: 'active' }, { vmState: 'error' }, { vmState: 'resized' }, { taskState: 'rebooting' }])(
    'and was %o is where it should be',
    (former) => {
      expect(judge(moveOf(former))).toMatchObject({ kind: 'change', move: { state: 'done' } });
    },
  );

  it('and was stopped has been started by its owner since, and is left running', () => {
    expect(judge(moveOf({ vmState: 'stopped' }))).toMatchObject({ move: { state: 'done' } });
  });

  it('and was stopped is stopped again when a failed attempt had turned it into error before', () => {
    expect(judge(moveOf({ vmState: 'stopped' }, { failures: 1 }))).toMatchObject({ step: { action: 'stop' } });
  });
});

describe('an instance that is being restored', () => {
  const paused = moveOf({ vmState: 'paused' }, { state: 'restoring' });

  it('is done when Nova shows it in the state, and the move says what was lost', () => {
    const judgement = judge(paused, { vmState: 'paused', powerState: 3 });
    expect(judgement).toMatchObject({ kind: 'change', move: { state: 'done' } });
    expect(judgement.kind === 'change' && judgement.move.reason).toContain('memory is lost');
  });

  it('is asked for again only after the time of an unknown outcome', () => {
    expect(judge(paused, {}, LIMITS.settleMs - 1)).toEqual({ kind: 'wait' });
    expect(judge(paused, {}, LIMITS.settleMs)).toMatchObject({ step: { action: 'pause', move: { failures: 1 } } });
  });

  it('is stopped when Nova does not bring it back into its state', () => {
    const stopping = judge({ ...paused, failures: 3, reason: 'no' });
    expect(stopping).toMatchObject({ step: { action: 'stop', move: { wantedState: 'stopped', failures: 0 } } });
    const stopped = judge({ ...paused, wantedState: 'stopped', reason: 'no' }, { vmState: 'stopped', powerState: 4 });
    expect(stopped).toMatchObject({ move: { state: 'done' } });
    expect(stopped.kind === 'change' && stopped.move.reason).toContain('stopped instead');
  });

  it('has failed, with the command, when it cannot be stopped either', () => {
    const judgement = judge({ ...paused, wantedState: 'stopped', failures: 3 });
    expect(judgement).toMatchObject({ move: { state: 'failed' } });
    expect(judgement.kind === 'change' && judgement.move.reason).toContain('openstack server stop i1');
  });

  it('is left alone in what somebody else has made of it', () => {
    expect(judge(paused, { vmState: 'stopped', powerState: 4 })).toMatchObject({ move: { state: 'done' } });
  });

  it('has failed when it ends in error', () => {
    expect(judge(paused, { vmState: 'error', fault: 'no' })).toMatchObject({ move: { state: 'failed' } });
  });
});

describe('an instance that arrived stopped', () => {
  it('is started when its owner had asked for that before the host died', () => {
    const move = moveOf({ vmState: 'stopped', powerState: 4, taskState: 'powering-on' });
    expect(judge(move, { vmState: 'stopped', powerState: 4 })).toMatchObject({ step: { action: 'start' } });
  });

  it('and was active has failed, with the command that starts it', () => {
    const judgement = judge(moveOf({}), { vmState: 'stopped', powerState: 4 }, LIMITS.settleMs);
    expect(judgement.kind === 'change' && judgement.move.reason).toContain('openstack server start i1');
  });
});
