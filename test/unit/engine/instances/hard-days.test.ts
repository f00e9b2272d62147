import { describe, expect, it } from 'vitest';
import { doubleRuns } from '../../../../src/simulation/cloud/truth.ts';
import { mortal } from '../mortal.ts';
import { instanceBench } from './bench.ts';

describe('an instance whose guest dies', () => {
  it('is started again, also when Nova has stopped it by itself meanwhile', async () => {
    for (const reportedAfterMs of [0, 16_000]) {
      const bench = await instanceBench();
      const desk = await bench.start();
      bench.crash();
      await bench.passMs(reportedAfterMs);
      const uuid = await desk.report();
      await bench.passMs(60_000);
      expect(await bench.read(uuid)).toMatchObject({ status: 'finished' });
      expect(bench.calls).toEqual(reportedAfterMs === 0 ? ['stop', 'start'] : ['start']);
      expect(bench.guest).toMatchObject({ vmState: 'active', powerState: 1 });
      expect(doubleRuns(bench.world)).toEqual([]);
    }
  });

  it('is started again once when its death is reported twice', async () => {
    const bench = await instanceBench();
    const desk = await bench.start();
    bench.crash();
    const first = await desk.report('LIFECYCLE', 'CRASHED_PANICKED');
    const second = await desk.report();
    await bench.passMs(60_000);
    expect(await bench.read(first)).toMatchObject({ status: 'finished' });
    expect(await bench.read(second)).toMatchObject({
      status: 'ignored',
      message: 'its guest was begun anew since the report (start), so nothing is done',
    });
    expect(bench.restarts()).toBe(1);
    expect(bench.calls).toEqual(['stop', 'start']);
  });

  it('is left as it is when its owner has stopped it', async () => {
    const bench = await instanceBench();
    await Promise.all([bench.cloud.act(bench.guest.id, 'stop'), bench.passMs(1_000)]);
    const desk = await bench.start();
    const uuid = await desk.report();
    await bench.passMs(60_000);
    const { message, status } = await bench.read(uuid);
    expect(status).toBe('ignored');
    expect(message).toContain('has stopped it');
    expect(bench.guest.vmState).toBe('stopped');
  });

  it('is left as it is when its owner has started it anew before the report came', async () => {
    const bench = await instanceBench();
    const desk = await bench.start();
    bench.crash();
    const diedAtMs = bench.time.now();
    await bench.passMs(20_000);
    await Promise.all([bench.cloud.act(bench.guest.id, 'start'), bench.passMs(5_000)]);
    const uuid = await desk.report('LIFECYCLE', 'STOPPED_FAILED', diedAtMs);
    await bench.passMs(60_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'ignored' });
    expect(bench.calls).toEqual(['start']);
  });

  it('is restarted so often and no more, and a new engine goes on counting', async () => {
    const bench = await instanceBench();
    const limits = { restarts: 2, withinMs: 600_000 };
    const statuses: string[] = [];
    for (let time = 0; time < 3; time += 1) {
      const desk = await bench.start({ limits });
      bench.crash();
      const uuid = await desk.report();
      await bench.passMs(60_000);
      statuses.push((await bench.read(uuid)).status);
      desk.stop();
    }
    expect(statuses).toEqual(['finished', 'finished', 'failed']);
    expect(bench.restarts()).toBe(2);
    await bench.passMs(600_000);
    const desk = await bench.start({ limits });
    const uuid = await desk.report();
    await bench.passMs(60_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'finished' });
  });

  it('is answered as an operator has ruled for its event', async () => {
    const bench = await instanceBench();
    const answers = { 'LIFECYCLE/SUSPENDED_IOERROR': 'recover', 'LIFECYCLE/STOPPED_FAILED': 'record' } as const;
    const desk = await bench.start({ answers });
    bench.crash();
    const recorded = await desk.report();
    const answered = await desk.report('LIFECYCLE', 'SUSPENDED_IOERROR');
    await bench.passMs(60_000);
    expect(await bench.read(recorded)).toMatchObject({ status: 'ignored' });
    expect(await bench.read(answered)).toMatchObject({ status: 'finished' });
  });

  it('of a host that is none of ours is left alone at once, and one that was begun is finished later', async () => {
    const bench = await instanceBench();
    const desk = await bench.start();
    const hold = { kind: 'host-on-maintenance', reason: 'cmp1 is on maintenance', remedy: undefined } as const;
    bench.hold = hold;
    const first = await desk.report();
    await bench.passMs(10_000);
    expect(await bench.read(first)).toMatchObject({ status: 'ignored' });
    bench.hold = undefined;
    bench.crash();
    const second = await desk.report();
    await bench.passMs(200);
    bench.hold = hold;
    await bench.passMs(60_000);
    expect(await bench.read(second)).toMatchObject({ status: 'running', message: 'waits: cmp1 is on maintenance' });
    expect(bench.calls).toEqual(['stop']);
    bench.hold = undefined;
    await bench.passMs(60_000);
    expect(await bench.read(second)).toMatchObject({ status: 'finished' });
  });

  it('is followed through an API that does not answer for minutes', async () => {
    const bench = await instanceBench();
    const desk = await bench.start();
    bench.crash();
    bench.world.faults.add({ effect: { kind: 'status', status: 503 } });
    const uuid = await desk.report();
    await bench.passMs(300_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'running' });
    bench.world.faults.clear();
    await bench.passMs(60_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'finished' });
    expect(bench.restarts()).toBe(1);
  });
});

describe('an engine that is killed while it restarts an instance', () => {
  for (const moment of ['before', 'after'] as const) {
    it(`is followed by one that ends the same, killed just ${moment} any of its effects (S3, S4)`, async () => {
      let dieAt = 0;
      for (let hasDied = true; hasDied;) {
        dieAt += 1;
        const bench = await instanceBench();
        const { cloud, isDead, store } = mortal(bench.cloud, bench.store, dieAt, moment);
        const doomed = await bench.start({ cloud, store });
        bench.crash();
        const uuid = await doomed.report();
        await bench.passMs(30_000);
        hasDied = isDead();
        doomed.stop();
        const next = await bench.start();
        await bench.passMs(60_000);
        expect(await bench.read(uuid), `killed at ${dieAt}`).toMatchObject({ status: 'finished' });
        expect(bench.guest, `killed at ${dieAt}`).toMatchObject({ vmState: 'active', powerState: 1, host: 'cmp1' });
        expect(bench.restarts(), `killed at ${dieAt}`).toBe(1);
        expect(doubleRuns(bench.world)).toEqual([]);
        next.stop();
      }
      expect(dieAt).toBeGreaterThan(8);
    });
  }
});
