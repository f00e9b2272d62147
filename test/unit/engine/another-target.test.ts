import { describe, expect, it } from 'vitest';
import { anotherTarget } from '../../../src/engine/another-target.ts';
import type { Move } from '../../../src/engine/move.ts';
import type { ComputeService, Evacuation } from '../../../src/openstack/cloud.ts';

const SENT = Date.UTC(2026, 10, 25);

function move(failures: number, instanceId = 'a'): Move {
  return {
    id: 'm',
    recoveryId: 'r',
    instanceId,
    name: 'web',
    state: 'waiting',
    reason: undefined,
    sourceHost: 'cmp1',
    targetHost: undefined,
    formerVmState: 'active',
    wantedState: 'active',
    failures,
    pastEvacuationId: 0,
    sentAtMs: SENT,
    acceptedAtMs: undefined,
    endedAtMs: undefined,
  };
}

function service(host: string, change: Partial<ComputeService> = {}): ComputeService {
  return {
    id: host,
    host,
    zone: 'nova',
    status: 'enabled',
    state: 'up',
    forcedDown: false,
    disabledReason: undefined,
    updatedAtMs: undefined,
    ...change,
  };
}

function failedOn(targetHost: string | undefined, id = '7', createdAtMs = SENT): Evacuation {
  return {
    id,
    instanceId: 'a',
    sourceHost: 'cmp1',
    targetHost,
    status: 'failed',
    createdAtMs,
    updatedAtMs: createdAtMs,
  };
}

const SERVICES = ['cmp1', 'cmp2', 'cmp3'].map((host) => service(host));
const NONE_KEPT_OUT = { isKeptOut: () => false };

describe('the target of an evacuation', () => {
  it('is the scheduler’s choice for the first attempt, and for every one after one that we chose', () => {
    expect(anotherTarget(move(0), [], SERVICES, NONE_KEPT_OUT)).toBeUndefined();
    expect(anotherTarget(move(2), [failedOn('cmp2')], SERVICES, NONE_KEPT_OUT)).toBeUndefined();
  });

  it('is another host after an attempt that failed on one', () => {
    expect(anotherTarget(move(1), [failedOn('cmp2')], SERVICES, NONE_KEPT_OUT)).toBe('cmp3');
    expect(anotherTarget(move(1), [failedOn('cmp3')], SERVICES, NONE_KEPT_OUT)).toBe('cmp2');
  });

  it('is the scheduler’s choice after it had found no host, for it has looked at all of them', () => {
    expect(anotherTarget(move(1), [failedOn(undefined)], SERVICES, NONE_KEPT_OUT)).toBeUndefined();
  });

  it('is no host that has failed this instance, is out of service, in another zone or dead', () => {
    const services = [
      ...SERVICES,
      service('cmp4', { status: 'disabled' }),
      service('cmp5', { state: 'down' }),
      service('cmp6', { forcedDown: true }),
      service('cmp7', { zone: 'elsewhere' }),
      service('cmp8'),
      service('cmp9'),
    ];
    const records = [failedOn('cmp2', '7'), failedOn('cmp3', '8')];
    const keptOut = { isKeptOut: (host: string) => host === 'cmp8' };
    expect(anotherTarget(move(3), records, services, keptOut)).toBe('cmp9');
    expect(anotherTarget(move(3), records, services.slice(0, -1), keptOut)).toBeUndefined();
  });

  it('does not depend on what failed in a former failure of the host', () => {
    expect(anotherTarget(move(1), [failedOn('cmp2', '7', SENT - 3_600_000)], SERVICES, NONE_KEPT_OUT)).toBeUndefined();
  });

  it('is not the same for all instances that failed at one time', () => {
    const services = Array.from({ length: 10 }, (_, index) => service(`cmp${index + 1}`));
    const chosen = Array.from({ length: 50 }, (_, index) =>
      anotherTarget(move(1, `instance-${index}`), [failedOn('cmp2')], services, NONE_KEPT_OUT),
    );
    expect(new Set(chosen).size).toBeGreaterThan(4);
    expect(chosen).not.toContain('cmp2');
  });
});
