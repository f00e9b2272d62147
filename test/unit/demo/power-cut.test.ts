import { describe, expect, it } from 'vitest';
import { cutOf, fencingOf, firstAcceptedOf, runningElsewhere, secondsOf } from '../../bench/power-cut.ts';
import type { PowerEvent } from '../../cluster/lab/bmc-protocol.ts';
import type { EmulatorState, EvacuateCall } from '../../emulator/index.ts';

const POWER: readonly PowerEvent[] = [
  { atMs: 100, node: 'cmp1', event: 'off-begin' },
  { atMs: 110, node: 'cmp1', event: 'off-done' },
  { atMs: 6_000, node: 'cmp1', event: 'request', action: 'reboot', mode: 'fail' },
  { atMs: 6_100, node: 'cmp1', event: 'answer', action: 'reboot', ok: false },
  { atMs: 6_500, node: 'cmp2', event: 'answer', action: 'reboot', ok: true },
  { atMs: 7_000, node: 'cmp1', event: 'request', action: 'reboot', mode: 'ok' },
  { atMs: 7_200, node: 'cmp1', event: 'answer', action: 'reboot', ok: true },
];

describe('the times of a power cut', () => {
  it('begins when the power went, not when an earlier cut of the same node did', () => {
    expect(cutOf(POWER, 'cmp1', 0)).toBe(100);
    expect(cutOf(POWER, 'cmp1', 101)).toBeUndefined();
    expect(cutOf(POWER, 'cmp2', 0)).toBeUndefined();
  });

  it('counts the fencing from the answer that says it succeeded, not from one that failed or of another node', () => {
    expect(fencingOf(POWER, 'cmp1', 100)).toEqual({ askedAtMs: 6_000, fencedAtMs: 7_200 });
  });

  it('knows no fencing before there is one', () => {
    expect(fencingOf(POWER.slice(0, 2), 'cmp1', 100)).toEqual({ askedAtMs: undefined, fencedAtMs: undefined });
  });

  it('takes the first evacuation that Nova took from this host since the cut', () => {
    const call = (atMs: number, sourceHost: string, outcome: EvacuateCall['outcome']): EvacuateCall => ({
      atMs,
      sourceHost,
      outcome,
      instanceId: 'i',
      targetHost: undefined,
      status: 200,
    });
    const calls = [
      call(50, 'cmp1', 'accepted'),
      call(200, 'cmp1', 'refused'),
      call(210, 'cmp2', 'accepted'),
      call(230, 'cmp1', 'accepted'),
      call(220, 'cmp1', 'accepted'),
    ];
    expect(firstAcceptedOf(calls, 'cmp1', 100)).toBe(220);
    expect(firstAcceptedOf(calls.slice(0, 3), 'cmp1', 100)).toBeUndefined();
  });

  it('counts an instance as running elsewhere only when it truly runs there', () => {
    const instance = (id: string, host: string, runsOn: readonly string[], status = 'ACTIVE') => ({
      ...{ id, name: id, host, status, runsOn },
      vmState: 'active',
      taskState: null,
    });
    const state: EmulatorState = {
      nowMs: 0,
      hosts: [],
      migrations: [],
      instances: [
        instance('moved', 'cmp2', ['cmp2']),
        instance('still there', 'cmp1', []),
        instance('on its way', 'cmp2', [], 'REBUILD'),
        instance('only shown', 'cmp2', []),
        instance('a stranger', 'cmp3', ['cmp3']),
      ],
    };
    const ids = new Set(['moved', 'still there', 'on its way', 'only shown']);
    expect([...runningElsewhere(state, ids, 'cmp1')]).toEqual([['moved', 'cmp2']]);
  });

  it('gives seconds with three decimals, and null for what did not happen', () => {
    const cut = { cutAtMs: 1_000, askedAtMs: 7_000, fencedAtMs: 7_281, firstAcceptedAtMs: 7_500 };
    expect(secondsOf({ ...cut, lastRunningAtMs: undefined })).toEqual({
      lossToFenced: 6.281,
      fencedToFirstAccepted: 0.219,
      fencedToLastRunning: null,
    });
  });
});
