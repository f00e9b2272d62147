import { describe, expect, it } from 'vitest';
import { answerTo } from '../../../../src/engine/instances/events.ts';
import type { InstanceFacts, InstanceJudgement } from '../../../../src/engine/instances/instance-judgement.ts';
import { judgeInstance } from '../../../../src/engine/instances/judge-instance.ts';
import { USUAL_INSTANCE_LIMITS as LIMITS } from '../../../../src/engine/instances/usual-limits.ts';
import { newWork, readWork, type InstanceWork } from '../../../../src/engine/instances/work.ts';
import type { Instance, RecordedAction } from '../../../../src/openstack/cloud.ts';

const NOW = 1_000_000;
const INSTANCE: Instance = {
  id: 'i1',
  name: 'web',
  projectId: 'p',
  status: 'ACTIVE',
  vmState: 'active',
  taskState: undefined,
  powerState: 1,
  host: 'cmp1',
  metadata: {},
  tags: [],
  fault: undefined,
  createdAtMs: 1,
};

function judged(
  work: Partial<InstanceWork> = {},
  instance: Partial<Instance> | undefined = {},
  facts: Partial<InstanceFacts> = {},
): InstanceJudgement {
  return judgeInstance(
    { ...newWork(NOW), ...work },
    {
      instance: instance && { ...INSTANCE, ...instance },
      host: 'cmp1',
      reportedAtMs: NOW,
      lastAction: undefined,
      reasonToLeave: undefined,
      restarts: 0,
      migratedAtMs: undefined,
      now: NOW,
      ...facts,
    },
    LIMITS,
  );
}

describe('an instance whose guest has died', () => {
  it('is stopped first where Nova has it as active, then started, then seen running', () => {
    expect(judged()).toMatchObject({ kind: 'call', action: 'stop', work: { step: 'stopping', tries: 1 } });
    expect(judged({ step: 'stopping', tries: 1 }, { taskState: 'powering-off' })).toMatchObject({ kind: 'wait' });
    expect(judged({ step: 'stopping', tries: 1 }, { vmState: 'stopped' })).toMatchObject({
      kind: 'call',
      action: 'start',
      work: { step: 'starting', tries: 1, restartedAtMs: NOW },
    });
    expect(judged({ step: 'starting', tries: 1 })).toMatchObject({ kind: 'end', status: 'finished' });
  });

  it('is only started where Nova has noticed already that it does not run', () => {
    expect(judged({}, { vmState: 'stopped' })).toMatchObject({ kind: 'call', action: 'start' });
  });

  it.each([
    ['gone', undefined, {}],
    ['on another host', { host: 'cmp2' }, {}],
    ['paused', { vmState: 'paused' }, {}],
    ['in rescue', { vmState: 'rescued' }, {}],
    ['resized', { vmState: 'resized' }, {}],
    ['shelved', { vmState: 'shelved_offloaded', host: 'cmp1' }, {}],
    ['not selected', {}, { reasonToLeave: 'its metadata has no HA_Enabled=True' }],
  ] as const)('is left alone when it is %s', (_, instance, facts) => {
    const judgement =
      instance === undefined
        ? judgeInstance(
            newWork(NOW),
            {
              ...{
                instance: undefined,
                host: 'cmp1',
                reasonToLeave: undefined,
                restarts: 0,
                now: NOW,
                migratedAtMs: undefined,
              },
              ...{ reportedAtMs: NOW, lastAction: undefined },
            },
            LIMITS,
          )
        : judged({}, instance, facts);
    expect(judgement).toMatchObject({ kind: 'end', status: 'ignored' });
  });

  it('that was begun is finished, also when it was unmarked meanwhile', () => {
    const facts = { reasonToLeave: 'its metadata has no HA_Enabled=True' };
    expect(judged({ step: 'stopping', tries: 1 }, { vmState: 'stopped' }, facts)).toMatchObject({ action: 'start' });
  });

  it('is left alone when somebody has seen to it, and not when nova-compute has stopped what it found dead', () => {
    const stop: RecordedAction = {
      ...{ requestId: 'req-1', name: 'stop', atMs: NOW, userId: 'u' },
      ...{ isOwn: false, failure: undefined, begun: [] },
    };
    expect(judged({}, { vmState: 'stopped' }, { lastAction: stop })).toMatchObject({ status: 'ignored' });
    const byNova = { ...stop, userId: undefined };
    expect(judged({}, { vmState: 'stopped' }, { lastAction: byNova })).toMatchObject({ action: 'start' });
    const reboot = { ...stop, name: 'reboot', atMs: NOW + 1_000 };
    expect(judged({}, {}, { lastAction: reboot })).toMatchObject({ status: 'ignored' });
    expect(judged({}, {}, { lastAction: { ...reboot, atMs: NOW - 1_000 } })).toMatchObject({ action: 'stop' });
    // What we have stopped ourselves is started.
    const begun = { step: 'stopping', tries: 1 } as const;
    expect(judged(begun, { vmState: 'stopped' }, { lastAction: stop })).toMatchObject({ action: 'start' });
  });

  it('is waited for while its owner or Nova is at work on it, and not for ever', () => {
    expect(judged({}, { taskState: 'rebooting' })).toMatchObject({ kind: 'wait' });
    expect(judged({ sinceMs: NOW - LIMITS.stopTimeoutMs }, { taskState: 'rebooting' })).toMatchObject({
      kind: 'end',
      status: 'failed',
    });
  });

  it('is asked for again when a call shows no effect, so often and no more', () => {
    const long = { sinceMs: NOW - LIMITS.settleMs };
    expect(judged({ step: 'stopping', tries: 1 })).toMatchObject({ kind: 'wait' });
    expect(judged({ step: 'stopping', tries: 1, ...long })).toMatchObject({ action: 'stop', work: { tries: 2 } });
    expect(judged({ step: 'stopping', tries: 3, ...long })).toMatchObject({ status: 'failed' });
    expect(judged({ step: 'starting', tries: 2, ...long }, { vmState: 'stopped' })).toMatchObject({
      action: 'start',
      work: { tries: 3 },
    });
    expect(judged({ step: 'starting', tries: 3, ...long }, { vmState: 'stopped' })).toMatchObject({ status: 'failed' });
  });

  it('is never called finished before it was seen running (S10)', () => {
    const notYet = { vmState: 'active', powerState: 0 };
    expect(judged({ step: 'starting', tries: 1 }, notYet)).toMatchObject({ kind: 'wait' });
    expect(judged({ step: 'starting', tries: 1, sinceMs: NOW - LIMITS.startTimeoutMs }, notYet)).toMatchObject({
      status: 'failed',
    });
    expect(judged({ step: 'starting', tries: 1 }, { vmState: 'error', fault: 'no disk' })).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('no disk') as string,
    });
  });

  it('is given up when it was restarted too often', () => {
    expect(judged({}, {}, { restarts: 3 })).toMatchObject({ status: 'failed' });
    expect(judged({ step: 'stopping', tries: 1 }, { vmState: 'stopped' }, { restarts: 3 })).toMatchObject({
      action: 'start',
    });
  });
});

describe('what is known of it', () => {
  it.each([undefined, '', '{', 'null', '{"step":"dancing"}', '{"step":"stopping"}'])('is read from %j', (text) => {
    expect(readWork(text, NOW)).toEqual(newWork(NOW));
  });

  it('is answered by what has died, and recorded for the rest', () => {
    expect(answerTo('LIFECYCLE', 'STOPPED_FAILED')).toBe('recover');
    expect(answerTo('LIFECYCLE', 'CRASHED_PANICKED')).toBe('recover');
    for (const [event, detail] of [
      ['LIFECYCLE', 'STOPPED_DESTROYED'],
      ['LIFECYCLE', 'STOPPED_SHUTDOWN'],
      ['REBOOT', 'UNKNOWN'],
      ['constructor', 'toString'],
    ] as const) {
      expect(answerTo(event, detail)).toBe('record');
    }
  });
});
