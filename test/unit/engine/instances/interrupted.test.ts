import { describe, expect, it } from 'vitest';
import type { HoldKind } from '../../../../src/bridge/verdict.ts';
import { killHost } from '../../../../src/simulation/cloud/heartbeat.ts';
import { doubleRuns } from '../../../../src/simulation/cloud/truth.ts';
import { mortal } from '../mortal.ts';
import { instanceBench, type InstanceBench } from './bench.ts';

const held = (kind: HoldKind, reason: string) => ({ kind, reason, remedy: undefined });
const PAUSED = held('paused', 'Lifeboat is paused');

async function untilCalled({ calls, passMs }: InstanceBench, call: string): Promise<void> {
  for (let times = 0; calls.at(-1) !== call && times < 10_000; times += 1) await passMs(10);
  expect(calls.at(-1)).toBe(call);
}

/** As the recovery of cmp1 leaves what Nova had in that state. */
async function evacuate(bench: InstanceBench, vmState: 'stopped' | 'active'): Promise<void> {
  bench.move = { state: 'accepted' };
  await bench.passMs(20_000);
  Object.assign(bench.guest, { host: 'cmp2', vmState, taskState: null, powerState: vmState === 'active' ? 1 : 4 });
  await bench.passMs(20_000);
  bench.move = { state: 'done' };
}

describe('the restart of an instance that is interrupted', () => {
  it('is not given up for calls that Nova’s API could not take', async () => {
    const bench = await instanceBench();
    const desk = await bench.start();
    bench.crash();
    bench.world.faults.add({ route: 'action', effect: { kind: 'status', status: 503 } });
    const uuid = await desk.report();
    await bench.passMs(600_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'running' });
    bench.world.faults.clear();
    await bench.passMs(120_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'finished' });
    expect(bench.restarts()).toBe(1);
  });

  it('does not count the time of a pause against Nova', async () => {
    const bench = await instanceBench();
    const desk = await bench.start();
    bench.crash();
    const uuid = await desk.report();
    await untilCalled(bench, 'stop');
    bench.guest.taskState = 'powering-off';
    bench.hold = PAUSED;
    await bench.passMs(600_000);
    bench.hold = undefined;
    await bench.passMs(8_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'running', message: 'Nova shows powering-off' });
    bench.guest.taskState = null;
    await bench.passMs(60_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'finished' });
  });

  it('is given up when somebody’s task on it never ends', async () => {
    const bench = await instanceBench();
    const desk = await bench.start({ limits: { stopTimeoutMs: 60_000 } });
    bench.guest.taskState = 'rebooting_hard';
    bench.crash();
    const uuid = await desk.report();
    await bench.passMs(50_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'running', message: 'Nova shows rebooting_hard' });
    await bench.passMs(20_000);
    const { message, status } = await bench.read(uuid);
    expect(status).toBe('failed');
    expect(message).toContain('Nova shows rebooting_hard for 6');
    expect(doubleRuns(bench.world)).toEqual([]);
  });
});

describe('an instance whose host dies while it is being restarted', () => {
  it('is started where the recovery of its host has brought it, stopped as we had it', async () => {
    const bench = await instanceBench();
    const desk = await bench.start();
    bench.crash();
    const uuid = await desk.report();
    await untilCalled(bench, 'stop');
    killHost(bench.world, 'cmp1');
    bench.lost.add('cmp1');
    await bench.passMs(60_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'running', message: 'waits: cmp1 is lost' });
    await evacuate(bench, 'stopped');
    await bench.passMs(60_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'finished', message: 'it was started again on cmp2' });
    expect(bench.calls).toEqual(['stop', 'start']);
    expect(bench.restarts()).toBe(1);
    expect(bench.guest).toMatchObject({ host: 'cmp2', vmState: 'active', powerState: 1 });
    expect(doubleRuns(bench.world)).toEqual([]);
  });

  it('is asked for nothing while it is on its way, nor while its new host is lost too (S3)', async () => {
    const bench = await instanceBench();
    const desk = await bench.start();
    bench.crash();
    const uuid = await desk.report();
    await untilCalled(bench, 'stop');
    bench.lost.add('cmp1').add('cmp2');
    await evacuate(bench, 'stopped');
    await bench.passMs(60_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'running', message: 'waits: cmp2 is lost' });
    bench.move = { state: 'restoring' };
    bench.lost.clear();
    await bench.passMs(60_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'running', message: 'waits: it is being moved to cmp2' });
    expect(bench.calls).toEqual(['stop']);
    bench.move = { state: 'done' };
    await bench.passMs(60_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'finished' });
  });

  it('is stopped by nobody when it was brought there running', async () => {
    const bench = await instanceBench();
    const desk = await bench.start();
    bench.crash();
    const uuid = await desk.report();
    await untilCalled(bench, 'stop');
    bench.lost.add('cmp1');
    await evacuate(bench, 'active');
    await bench.passMs(60_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'finished' });
    expect(bench.calls).toEqual(['stop']);
  });

  it('ends as answered by that recovery when nothing was begun, also while its host stays dead', async () => {
    const bench = await instanceBench();
    const desk = await bench.start();
    bench.lost.add('cmp1');
    const uuid = await desk.report();
    await evacuate(bench, 'active');
    await bench.passMs(60_000);
    expect(await bench.read(uuid)).toMatchObject({
      status: 'ignored',
      message: 'it is on cmp2 now, and not on cmp1',
    });
    expect(bench.calls).toEqual([]);
  });

  for (const moment of ['before', 'after'] as const) {
    it(`is started there by the next engine, killed just ${moment} any of its effects (S4)`, async () => {
      let dieAt = 0;
      for (let hasDied = true; hasDied;) {
        dieAt += 1;
        const bench = await instanceBench();
        const first = await bench.start();
        bench.crash();
        const uuid = await first.report();
        await untilCalled(bench, 'stop');
        killHost(bench.world, 'cmp1');
        bench.lost.add('cmp1');
        await evacuate(bench, 'stopped');
        first.stop();
        const { cloud, isDead, store } = mortal(bench.cloud, bench.store, dieAt, moment);
        const doomed = await bench.start({ cloud, store });
        await bench.passMs(60_000);
        hasDied = isDead();
        doomed.stop();
        const last = await bench.start();
        await bench.passMs(60_000);
        expect(await bench.read(uuid), `killed at ${dieAt}`).toMatchObject({ status: 'finished' });
        expect(bench.guest, `killed at ${dieAt}`).toMatchObject({ host: 'cmp2', vmState: 'active', powerState: 1 });
        expect(bench.restarts(), `killed at ${dieAt}`).toBe(1);
        last.stop();
      }
      expect(dieAt).toBeGreaterThan(4);
    });
  }
});
