import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../src/bridge/verdict.ts';
import { judgeGate, type GateView } from '../../../src/engine/gate.ts';
import type { Recovery, RecoveryState } from '../../../src/engine/recovery.ts';
import type { ComputeService } from '../../../src/openstack/cloud.ts';
import { proofOf } from './bench.ts';

const AT = 1_795_328_297_000;

function recovery(state: RecoveryState, change: Partial<Recovery> = {}): Recovery {
  return {
    id: 'r1',
    notificationId: 'n1',
    host: 'cmp1',
    node: 'cmp1',
    state,
    hold: undefined,
    resumeTo: undefined,
    reason: undefined,
    proof: proofOf('cmp1', AT),
    lostSinceMs: AT,
    isolation: undefined,
    orders: {},
    createdAtMs: AT,
    firstAcceptedAtMs: undefined,
    endedAtMs: undefined,
    releasedAtMs: undefined,
    ...change,
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
    updatedAtMs: AT,
    ...change,
  };
}

const UP: Verdict = { state: 'up', node: 'cmp1', host: 'cmp1' };
const HOLD = { kind: 'not-fenced', reason: 'nothing has fenced cmp1 yet', remedy: undefined } as const;

function view(change: Partial<GateView> = {}): GateView {
  return {
    forbidden: undefined,
    takenUp: true,
    recoveries: [],
    verdicts: [UP],
    unwritten: new Map(),
    services: [service('cmp1'), service('cmp2')],
    ...change,
  };
}

describe('the gate, by what the engine knows', () => {
  it.each(['accepted', 'isolating', 'evacuating', 'held'] as const)(
    'is closed for all while a recovery is %s, whatever the cluster shows (S6)',
    (state) => {
      for (const purpose of ['nova-compute', 'guests'] as const) {
        expect(judgeGate('cmp1', purpose, view({ recoveries: [recovery(state)] }))).toMatchObject({
          gate: 'closed',
          sinceMs: AT,
        });
      }
    },
  );

  it.each(['recovered', 'failed'] as const)(
    'lets nova-compute clean up when a recovery is %s, and guests wait until the host was given back',
    (state) => {
      const ended = view({ recoveries: [recovery(state, { endedAtMs: AT + 9 })], verdicts: [] });
      expect(judgeGate('cmp1', 'nova-compute', ended)).toMatchObject({ gate: 'open', sinceMs: AT + 9 });
      expect(judgeGate('cmp1', 'guests', ended)).toMatchObject({ gate: 'closed' });
    },
  );

  it.each(['released', 'superseded'] as const)('is open when the last recovery is %s', (state) => {
    expect(judgeGate('cmp1', 'guests', view({ recoveries: [recovery(state)] })).gate).toBe('open');
  });

  it('tells why a recovery is held, and what to do', () => {
    const hold = { kind: 'cloud-unavailable', reason: 'Nova answers 503', remedy: 'see its log' } as const;
    expect(judgeGate('cmp1', 'nova-compute', view({ recoveries: [recovery('held', { hold })] }))).toMatchObject({
      reason: 'the recovery of cmp1 is held: Nova answers 503',
      remedy: 'see its log',
    });
  });

  it.each<[string, Partial<GateView>]>([
    ['the engine may do nothing', { forbidden: { kind: 'no-quorum', reason: 'no quorum', remedy: undefined } }],
    ['Nova was not read', { services: undefined }],
    ['what a former engine left was not read', { takenUp: false }],
  ])('is in doubt when %s, also for a host that seems up', (_case, change) => {
    expect(judgeGate('cmp1', 'nova-compute', view(change)).gate).toBe('unknown');
  });

  it('is closed for a host that is lost or proven down, and has no recovery yet', () => {
    const lost: Verdict = { state: 'lost', node: 'cmp1', host: 'cmp1', lostSinceMs: AT, hold: HOLD };
    const proven: Verdict = {
      state: 'proven',
      node: 'cmp1',
      host: 'cmp1',
      lostSinceMs: AT,
      proof: proofOf('cmp1', AT),
    };
    for (const verdict of [lost, proven]) {
      expect(judgeGate('cmp1', 'nova-compute', view({ verdicts: [verdict] })).gate).toBe('closed');
    }
  });

  it('is in doubt for a host that asks by the name of its node, which Nova does not know it by', () => {
    const verdict: Verdict = { state: 'up', node: 'srv-17.example.com', host: 'cmp1' };
    for (const known of [
      { recoveries: [recovery('evacuating', { node: 'srv-17.example.com' })], verdicts: [] },
      { verdicts: [verdict] },
    ]) {
      const answer = judgeGate('srv-17', 'nova-compute', view(known));
      expect(answer).toMatchObject({ gate: 'unknown', reason: 'Nova has no host srv-17, but cmp1' });
    }
  });

  it('takes one IPv4 address for no other', () => {
    const services = [service('10.0.0.1')];
    const lost: Verdict = { state: 'lost', node: '10.0.0.1', host: undefined, lostSinceMs: AT, hold: HOLD };
    expect(judgeGate('10.0.0.2', 'nova-compute', view({ services, verdicts: [lost] })).gate).toBe('open');
    expect(judgeGate('10.0.0.1', 'nova-compute', view({ services, verdicts: [lost] })).gate).toBe('closed');
  });

  it('is closed for a lost node that could not be matched to a host and has its name', () => {
    const lost: Verdict = { state: 'lost', node: 'cmp1.example.com', host: undefined, lostSinceMs: AT, hold: HOLD };
    expect(judgeGate('cmp1', 'nova-compute', view({ verdicts: [lost] })).gate).toBe('closed');
  });

  it('is closed while a proven loss cannot be written down', () => {
    const hold = { kind: 'store-unusable', reason: 'disk full', remedy: 'see to the disk' } as const;
    const answer = judgeGate('cmp1', 'nova-compute', view({ unwritten: new Map([['cmp1', hold]]) }));
    expect(answer).toMatchObject({ gate: 'closed', remedy: 'see to the disk' });
  });

  it('is open for a host that is up, left alone, no node of the cluster, or new to Nova', () => {
    const handsOff: Verdict = { state: 'hands-off', node: 'cmp1', host: 'cmp1', reason: 'standby' };
    expect(judgeGate('cmp1', 'nova-compute', view()).gate).toBe('open');
    expect(judgeGate('cmp1', 'nova-compute', view({ verdicts: [handsOff] })).gate).toBe('open');
    expect(judgeGate('cmp2', 'nova-compute', view()).gate).toBe('open');
    expect(judgeGate('cmp9', 'nova-compute', view()).gate).toBe('open');
  });

  it('knows a host in any case, and does not take a short name for a full one', () => {
    const recoveries = [recovery('evacuating')];
    expect(judgeGate('CMP1', 'nova-compute', view({ recoveries })).gate).toBe('closed');
    expect(judgeGate('cmp1.example.com', 'nova-compute', view({ recoveries }))).toMatchObject({
      gate: 'unknown',
      reason: 'Nova has no host cmp1.example.com, but cmp1',
    });
  });

  it('keeps guests from starting on a host that somebody else forced down', () => {
    const services = [service('cmp1', { forcedDown: true })];
    expect(judgeGate('cmp1', 'guests', view({ services })).gate).toBe('closed');
    expect(judgeGate('cmp1', 'nova-compute', view({ services })).gate).toBe('open');
  });
});
