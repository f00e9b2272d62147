import { describe, expect, it } from 'vitest';
import type { InstanceFacts, InstanceJudgement } from '../../../../src/engine/instances/instance-judgement.ts';
import { judgeInstance } from '../../../../src/engine/instances/judge-instance.ts';
import { USUAL_INSTANCE_LIMITS } from '../../../../src/engine/instances/usual-limits.ts';
import { newWork, readWork, type InstanceWork } from '../../../../src/engine/instances/work.ts';
import type { Instance, RecordedAction } from '../../../../src/openstack/cloud.ts';

const NOW = 1_000_000;
const TIMEOUT_MS = 600_000;
const LIMITS = {
  ...USUAL_INSTANCE_LIMITS,
  whenExhausted: { kind: 'migrate', timeoutMs: TIMEOUT_MS, againAfterMs: 86_400_000 },
} as const;
const BEFORE: RecordedAction = {
  ...{ requestId: 'req-before', name: 'stop', atMs: NOW, userId: 'us' },
  ...{ isOwn: true, failure: undefined, begun: [] },
};
const OURS: RecordedAction = { ...BEFORE, requestId: 'req-ours', name: 'migrate' };
const INSTANCE: Instance = {
  ...{ id: 'i1', name: 'web', projectId: 'p', status: 'SHUTOFF', vmState: 'stopped', taskState: undefined },
  ...{ powerState: 4, host: 'cmp1', metadata: {}, tags: [], fault: undefined, createdAtMs: 1 },
};
const WORK: InstanceWork = {
  ...{ step: 'migrating', sinceMs: NOW, tries: 1 },
  migration: { from: 'cmp1', atMs: NOW, after: 'req-before' },
};

function judged(
  work: Partial<InstanceWork>,
  instance: Partial<Instance>,
  facts: Partial<InstanceFacts> = {},
): InstanceJudgement {
  const shown = { ...INSTANCE, ...instance };
  return judgeInstance(
    { ...WORK, ...work },
    {
      ...{ instance: shown, host: shown.host ?? 'cmp1', reportedAtMs: NOW, lastAction: OURS, reasonToLeave: undefined },
      ...{ restarts: 0, migratedAtMs: undefined, now: NOW, ...facts },
    },
    LIMITS,
  );
}

describe('a migration of ours', () => {
  const vmStates = ['active', 'stopped', 'error', 'resized', 'paused', 'suspended', 'rescued', 'shelved', 'building'];
  const tasks = [undefined, 'resize_prep', 'resize_migrating', 'resize_migrated', 'resize_finish', 'powering-on'];
  const actions: readonly (RecordedAction | undefined)[] = [
    ...[undefined, BEFORE, OURS, { ...OURS, failure: 'No valid host' }, { ...OURS, isOwn: false, userId: 'them' }],
    ...[
      { ...OURS, name: 'resize' },
      { ...OURS, name: 'revertResize' },
      { ...BEFORE, name: 'migrate' },
    ],
  ];

  it('is confirmed, and its instance started, only as it may be, whatever Nova shows (S3)', () => {
    let calls = 0;
    for (const step of ['migrating', 'confirming'] as const) {
      for (const vmState of vmStates) {
        for (const taskState of tasks) {
          for (const host of ['cmp1', 'cmp2']) {
            for (const lastAction of actions) {
              for (const elapsedMs of [0, LIMITS.settleMs, TIMEOUT_MS]) {
                for (const powerState of [0, 1, 4]) {
                  const judgement = judged(
                    { step, sinceMs: NOW - elapsedMs },
                    { vmState, taskState, host, powerState },
                    { lastAction },
                  );
                  if (judgement.kind !== 'call') continue;
                  calls += 1;
                  expect(taskState).toBeUndefined();
                  const { action } = judgement;
                  if (action === 'start') expect([vmState, host]).toEqual(['stopped', 'cmp2']);
                  if (action === 'migrate') expect([vmState, host]).toEqual(['stopped', 'cmp1']);
                  if (action === 'migrate') expect(lastAction?.requestId).toBe('req-before');
                  if (action === 'confirm-resize') expect(vmState).toBe('resized');
                  if (action === 'confirm-resize' && step === 'migrating') expect(lastAction).toMatchObject(OURS_ONLY);
                  if (action === 'stop') expect([vmState, host]).toEqual(['active', 'cmp2']);
                }
              }
            }
          }
        }
      }
    }
    expect(calls).toBeGreaterThan(50);
  });

  const OURS_ONLY = { requestId: 'req-ours', name: 'migrate', isOwn: true };

  it('is not taken for somebody else’s while Nova’s record may be older than what was seen of the instance', () => {
    const arrived = { vmState: 'resized', host: 'cmp2' };
    expect(judged({}, arrived, { lastAction: BEFORE })).toMatchObject({ kind: 'wait' });
    expect(judged({}, arrived)).toMatchObject({ action: 'confirm-resize', work: { step: 'confirming', host: 'cmp2' } });
    const long = { sinceMs: NOW - TIMEOUT_MS };
    expect(judged(long, arrived, { lastAction: BEFORE })).toMatchObject({ status: 'failed' });
    expect(judged(long, arrived)).toMatchObject({ action: 'confirm-resize' });
  });

  it('is sent again only when Nova has no record of it, and so often', () => {
    const long = { sinceMs: NOW - LIMITS.settleMs };
    expect(judged({}, {}, { lastAction: BEFORE })).toMatchObject({ kind: 'wait' });
    expect(judged(long, {}, { lastAction: BEFORE })).toMatchObject({ action: 'migrate', work: { tries: 2 } });
    const refused = { ...long, tries: LIMITS.attempts, refusal: 'Service is unavailable' };
    const ended = judged(refused, {}, { lastAction: BEFORE });
    expect(ended).toMatchObject({ status: 'failed', message: expect.stringContaining('Service is unavail') as string });
    expect(judged(long, {})).toMatchObject({ status: 'failed' });
  });

  it('that left its guest active and not running has it stopped and started there, and is not begun anew', () => {
    const long = { step: 'confirming', sinceMs: NOW - LIMITS.settleMs } as const;
    const stopped = judged(long, { vmState: 'active', powerState: 0, host: 'cmp2' });
    expect(stopped).toMatchObject({ action: 'stop', work: { step: 'stopping', host: 'cmp2' } });
    const { work } = stopped as { readonly work: InstanceWork };
    expect(judged(work, { host: 'cmp2' })).toMatchObject({ action: 'start' });
  });

  it('is brought to its end by an engine that is configured to begin no more', () => {
    const facts = { host: 'cmp2', instance: { ...INSTANCE, vmState: 'resized', host: 'cmp2' }, lastAction: OURS };
    const rest = { reportedAtMs: NOW, reasonToLeave: undefined, restarts: 0, migratedAtMs: undefined, now: NOW };
    const judgement = judgeInstance(WORK, { ...facts, ...rest }, USUAL_INSTANCE_LIMITS);
    expect(judgement).toMatchObject({ action: 'confirm-resize' });
  });

  it.each([
    '{"step":"migrating","sinceMs":1,"tries":1}',
    '{"step":"migrating","sinceMs":1,"tries":1,"migration":{"from":1,"atMs":2}}',
    '{"step":"confirming","sinceMs":1,"tries":1,"migration":null}',
    '{"step":"starting","sinceMs":1,"tries":1,"migration":{"from":"cmp1","atMs":2,"after":3}}',
  ])('is not read from %j', (text) => {
    expect(readWork(text, NOW)).toEqual(newWork(NOW));
  });
});
