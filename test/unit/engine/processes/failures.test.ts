import { describe, expect, it } from 'vitest';
import { wasDisabledBefore } from '../../../../src/engine/mark.ts';
import { readProcessMark } from '../../../../src/engine/processes/process-mark.ts';
import { hearHost, silenceHost } from '../../../../src/simulation/cloud/heartbeat.ts';
import { mortal } from '../mortal.ts';
import { processBench } from './bench.ts';

const HOLD = { kind: 'paused', reason: 'Lifeboat is paused', remedy: 'lifeboat resume' } as const;

describe('nova-compute that has died', () => {
  it('has its service disabled when Nova knows it to be down: no worker of Nova’s waits for it', async () => {
    const bench = await processBench();
    const desk = await bench.start();
    silenceHost(bench.world, 'cmp1');
    const uuid = await desk.report('STOPPED');
    await bench.passMs(40_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'running' });
    expect(bench.puts).toEqual([]);
    await bench.passMs(40_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'finished' });
    expect(bench.puts).toEqual([{ host: 'cmp1', status: 'disabled' }]);
    expect(bench.longestPutMs()).toBeLessThan(1_000);
    expect(readProcessMark(bench.host('cmp1').disabledReason ?? undefined)?.processes).toEqual(['nova-compute']);
    expect(bench.host('cmp2').status).toBe('enabled');
  });

  it('is enabled again when it is reported started and Nova hears it', async () => {
    const bench = await processBench();
    const desk = await bench.start();
    silenceHost(bench.world, 'cmp1');
    await desk.report('STOPPED');
    await bench.passMs(80_000);
    const uuid = await desk.report('STARTED');
    await bench.passMs(30_000);
    expect(bench.host('cmp1').status).toBe('disabled');
    hearHost(bench.world, 'cmp1');
    await bench.passMs(40_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'finished' });
    expect(bench.host('cmp1').status).toBe('enabled');
    expect(bench.longestPutMs()).toBeLessThan(1_000);
  });

  it('is enabled again without a report when Nova has heard it for long: Masakari’s monitors send none', async () => {
    const bench = await processBench();
    const desk = await bench.start();
    silenceHost(bench.world, 'cmp1');
    await desk.report('STOPPED');
    await bench.passMs(80_000);
    hearHost(bench.world, 'cmp1');
    await bench.passMs(100_000);
    expect(bench.host('cmp1').status).toBe('disabled');
    await bench.passMs(100_000);
    expect(bench.host('cmp1').status).toBe('enabled');
  });

  it('is not enabled when an operator has disabled its service just before', async () => {
    const heardFor = async (ms: number) => {
      const bench = await processBench();
      const desk = await bench.start();
      silenceHost(bench.world, 'cmp1');
      await desk.report('STOPPED');
      await bench.passMs(80_000);
      hearHost(bench.world, 'cmp1');
      await bench.passMs(ms);
      return bench;
    };
    let ms = 100_000;
    while ((await heardFor(ms)).host('cmp1').status === 'disabled') ms += 1_000;
    const bench = await heardFor(ms - 1_000);
    bench.host('cmp1').disabledReason = 'its disks are being changed';
    await bench.passMs(300_000);
    expect(bench.host('cmp1').status).toBe('disabled');
  });

  it('that is heard after the report runs, and nothing is done (W41)', async () => {
    const bench = await processBench();
    const desk = await bench.start();
    const uuid = await desk.report('STOPPED');
    await bench.passMs(30_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'ignored' });
    expect(bench.puts).toEqual([]);
  });

  it('is of no consequence for a service that an operator has disabled, then and later', async () => {
    const bench = await processBench();
    const desk = await bench.start();
    Object.assign(bench.host('cmp1'), { status: 'disabled', disabledReason: 'new memory' });
    silenceHost(bench.world, 'cmp1');
    const stopped = await desk.report('STOPPED');
    await bench.passMs(80_000);
    hearHost(bench.world, 'cmp1');
    const started = await desk.report('STARTED');
    await bench.passMs(600_000);
    expect(await bench.read(stopped)).toMatchObject({ status: 'finished' });
    expect(await bench.read(started)).toMatchObject({ status: 'ignored' });
    expect(bench.puts).toEqual([]);
  });

  it('waits while nothing may be done, and is answered afterwards', async () => {
    const bench = await processBench();
    const desk = await bench.start();
    bench.hold = HOLD;
    silenceHost(bench.world, 'cmp1');
    const uuid = await desk.report('STOPPED');
    await bench.passMs(3_600_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'running', message: 'waits: Lifeboat is paused' });
    expect(bench.puts).toEqual([]);
    bench.hold = undefined;
    await bench.passMs(10_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'finished' });
  });

  it('is not enabled again while nothing may be done', async () => {
    const bench = await processBench();
    const desk = await bench.start();
    silenceHost(bench.world, 'cmp1');
    await desk.report('STOPPED');
    await bench.passMs(80_000);
    hearHost(bench.world, 'cmp1');
    bench.hold = HOLD;
    await bench.passMs(600_000);
    expect(bench.host('cmp1').status).toBe('disabled');
  });

  it('is left to the recovery of its host while that keeps it out (S6)', async () => {
    const bench = await processBench();
    const desk = await bench.start();
    bench.keptOut = true;
    silenceHost(bench.world, 'cmp1');
    const uuids = [
      await desk.report('STOPPED', 'nova-compute', 'cmp1'),
      await desk.report('STARTED', 'nova-compute', 'cmp2'),
    ];
    await bench.passMs(100_000);
    for (const uuid of uuids) expect(await bench.read(uuid)).toMatchObject({ status: 'ignored' });
    expect(bench.puts).toEqual([]);
  });

  it('of a host that is none of ours is left alone at once: a report that stayed open would keep its segment', async () => {
    const bench = await processBench();
    const desk = await bench.start();
    bench.left = { kind: 'segment-disabled', reason: 'cmp1 is in the segment a, which is disabled', remedy: undefined };
    const uuid = await desk.report('STOPPED');
    await bench.passMs(5_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'ignored' });
  });

  it('that starts while its failure is still waited for ends both reports, and disables nothing', async () => {
    const bench = await processBench();
    const desk = await bench.start();
    silenceHost(bench.world, 'cmp1');
    const stopped = await desk.report('STOPPED');
    await bench.passMs(20_000);
    const started = await desk.report('STARTED');
    hearHost(bench.world, 'cmp1');
    await bench.passMs(10_000);
    expect((await bench.read(stopped)).message).toContain('overtaken');
    expect(await bench.read(started)).toMatchObject({ status: 'finished' });
    expect(bench.puts).toEqual([]);
  });

  it('that Nova refuses to disable is failed after so many tries, with the command', async () => {
    const bench = await processBench();
    const refusing = {
      ...bench.cloud,
      disableService: () => bench.cloud.computeServices().then(([any]) => any as never),
    };
    const desk = await bench.start({ cloud: refusing });
    silenceHost(bench.world, 'cmp1');
    const uuid = await desk.report('STOPPED');
    await bench.passMs(200_000);
    const { message, status } = await bench.read(uuid);
    expect(status).toBe('failed');
    expect(message).toContain('openstack compute service set --disable');
  });
});

describe('other processes', () => {
  it('are recorded, and nothing is done: above all no recovery of the host is switched off (W9)', async () => {
    const bench = await processBench();
    const desk = await bench.start();
    const uuid = await desk.report('STOPPED', 'sshd');
    await bench.passMs(5_000);
    const notice = await bench.read(uuid);
    expect(notice.status).toBe('ignored');
    expect(notice.message).toContain('sshd of cmp1');
    expect(bench.puts).toEqual([]);
  });

  it('that are listed disable the service as soon as nova-compute was heard, which answers then', async () => {
    const bench = await processBench();
    const desk = await bench.start({ limits: { processes: ['nova-compute', 'libvirtd'] } });
    const uuid = await desk.report('STOPPED', 'libvirtd');
    await bench.passMs(30_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'finished' });
    expect(bench.host('cmp1').status).toBe('disabled');
    // Heartbeats of nova-compute say nothing of libvirtd.
    await bench.passMs(600_000);
    expect(bench.host('cmp1').status).toBe('disabled');
    await desk.report('STARTED', 'libvirtd');
    await bench.passMs(30_000);
    expect(bench.host('cmp1').status).toBe('enabled');
    expect(bench.longestPutMs()).toBeLessThan(1_000);
  });

  it('that fail together are all waited for', async () => {
    const bench = await processBench();
    const desk = await bench.start({ limits: { processes: ['nova-compute', 'libvirtd'] } });
    silenceHost(bench.world, 'cmp1');
    await desk.report('STOPPED', 'libvirtd');
    await desk.report('STOPPED');
    await bench.passMs(90_000);
    const mark = readProcessMark(bench.host('cmp1').disabledReason ?? undefined);
    expect(mark?.processes.toSorted()).toEqual(['libvirtd', 'nova-compute']);
    hearHost(bench.world, 'cmp1');
    const first = await desk.report('STARTED');
    await bench.passMs(60_000);
    expect((await bench.read(first)).message).toContain('stays disabled until libvirtd is well');
    expect(bench.host('cmp1').status).toBe('disabled');
    await desk.report('STARTED', 'libvirtd');
    await bench.passMs(60_000);
    expect(bench.host('cmp1').status).toBe('enabled');
    expect(bench.longestPutMs()).toBeLessThan(1_000);
  });
});

describe('an engine that is killed while it answers a process', () => {
  for (const moment of ['before', 'after'] as const) {
    it(`is followed by one that ends the same, killed just ${moment} any of its effects (S4)`, async () => {
      let dieAt = 0;
      for (let hasDied = true; hasDied;) {
        dieAt += 1;
        const bench = await processBench();
        const { cloud, isDead, store } = mortal(bench.cloud, bench.store, dieAt, moment);
        silenceHost(bench.world, 'cmp1');
        const doomed = await bench.start({ cloud, store });
        const uuid = await doomed.report('STOPPED');
        await bench.passMs(90_000);
        hasDied = isDead();
        doomed.stop();
        const next = await bench.start();
        await bench.passMs(90_000);
        expect(await bench.read(uuid)).toMatchObject({ status: 'finished' });
        expect(bench.host('cmp1').status).toBe('disabled');
        hearHost(bench.world, 'cmp1');
        await next.report('STARTED');
        await bench.passMs(60_000);
        expect(bench.host('cmp1').status).toBe('enabled');
        expect(bench.puts.filter(({ status }) => status === 'enabled').length).toBe(1);
        next.stop();
      }
      expect(dieAt).toBeGreaterThan(6);
    });
  }
});

describe('the mark of a failed process', () => {
  it('is no operator’s will: a recovery of the host gives it back enabled', async () => {
    const bench = await processBench();
    const desk = await bench.start();
    silenceHost(bench.world, 'cmp1');
    await desk.report('STOPPED');
    await bench.passMs(80_000);
    const [service] = (await reading(bench)).filter(({ host }) => host === 'cmp1');
    expect(service?.status).toBe('disabled');
    expect(service && wasDisabledBefore(service)).toBe(false);
  });
});

async function reading(bench: Awaited<ReturnType<typeof processBench>>) {
  const services = bench.cloud.computeServices();
  await bench.passMs(1_000);
  return services;
}
