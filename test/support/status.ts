import type { Status } from '../../src/control/protocol.ts';
import { healthOf } from './health.ts';

/** 2026-11-22 06:20:00 UTC. */
export const NOW_MS = Date.UTC(2026, 10, 22, 6, 20, 0);

/** A bad night: one recovery at work with a failure in it, one loss that waits for a human, one host in maintenance. */
export function badNight(): Status {
  return {
    ...healthOf({ recovering: 1, held: 1, failed: 0, summary: 'active, 1 recovering, 1 held', cloud: 'ok' }),
    holds: [
      {
        host: 'cmp2',
        kind: 'fencing-failed',
        inShort: 'fencing failed',
        reason: 'the fencing of cmp2 failed at 06:18:40Z: Timed Out',
        remedy: 'make sure that cmp2 is off, then: stonith_admin --confirm cmp2',
      },
    ],
    hosts: [
      ...['cmp4', 'cmp5'].map((host) => up(host)),
      {
        node: 'cmp1',
        host: 'cmp1.example.com',
        state: 'proven',
        lostSinceMs: NOW_MS - 104_000,
        reason: 'fenced (off) by ctl2',
        remedy: undefined,
      },
      { node: 'cmp2', host: 'cmp2', state: 'lost', lostSinceMs: NOW_MS - 90_000, reason: 'held', remedy: undefined },
      {
        node: 'cmp3',
        host: undefined,
        state: 'hands-off',
        lostSinceMs: undefined,
        reason: 'in maintenance',
        remedy: undefined,
      },
    ],
    recoveries: [
      {
        id: 'r2',
        host: 'cmp1.example.com',
        node: 'cmp1',
        state: 'evacuating',
        reason: undefined,
        remedy: undefined,
        startedAtMs: NOW_MS - 80_000,
        finishedAtMs: undefined,
        proof: { by: 'ctl2', action: 'off', completedAtMs: NOW_MS - 81_000 },
        moves: [move('a', 'done'), move('b', 'accepted'), move('c', 'failed'), move('d', 'skipped')],
      },
      {
        id: 'r1',
        host: 'cmp9',
        node: 'cmp9',
        state: 'released',
        reason: 'recovered 2/2 in 23s',
        remedy: undefined,
        startedAtMs: NOW_MS - 90_000_000,
        finishedAtMs: NOW_MS - 89_977_000,
        proof: { by: 'a human', action: 'off', completedAtMs: NOW_MS - 90_001_000 },
        moves: [move('x', 'done'), move('y', 'done')],
      },
    ],
  };
}

function up(host: string): Status['hosts'][number] {
  return { node: host, host, state: 'up', lostSinceMs: undefined, reason: undefined, remedy: undefined };
}

function move(
  name: string,
  state: Status['recoveries'][number]['moves'][number]['state'],
): Status['recoveries'][number]['moves'][number] {
  return {
    instance: `0000000${name}-aaaa`,
    name: `vm-${name}`,
    state,
    from: 'cmp1.example.com',
    to: undefined,
    reason: state === 'failed' ? 'No valid host was found' : undefined,
    seconds: 12,
  };
}
