import { describe, expect, it } from 'vitest';
import type { InstanceLimits } from '../../../../src/engine/instances/instance-limits.ts';
import { LifeboatError } from '../../../../src/errors.ts';
import type { Cloud } from '../../../../src/openstack/cloud.ts';
import { actOn, drainQueue } from '../../../../src/simulation/cloud/actions.ts';
import { killHost, returnHost } from '../../../../src/simulation/cloud/heartbeat.ts';
import { doubleRuns } from '../../../../src/simulation/cloud/truth.ts';
import { addGuest, addHost, requireHost } from '../../../../src/simulation/cloud/world.ts';
import { mortal } from '../mortal.ts';
import { instanceBench, type InstanceBench } from './bench.ts';

const MIGRATE = { kind: 'migrate', timeoutMs: 600_000, againAfterMs: 86_400_000 } as const;
/** One restart is enough, and the next death is one too many. */
const ONCE: Partial<InstanceLimits> = { restarts: 1, whenExhausted: MIGRATE };
/** Every death is one too many. */
const NEVER: Partial<InstanceLimits> = { restarts: 0, whenExhausted: MIGRATE };

async function until(bench: InstanceBench, what: string, reached: () => boolean): Promise<void> {
  for (let times = 0; !reached() && times < 20_000; times += 1) await bench.passMs(10);
  expect(reached(), what).toBe(true);
}

const migrations = ({ world }: InstanceBench): number =>
  world.migrations.filter(({ type }) => type === 'migration').length;

/** It has died once too often, and is on its way as far as that. */
async function onItsWay(bench: InstanceBench, reached: () => boolean): Promise<string> {
  const desk = await bench.start({ limits: NEVER });
  bench.crash();
  const uuid = await desk.report();
  await until(bench, 'it is on its way', reached);
  return uuid;
}

describe('an instance that is restarted too often', () => {
  it('is migrated by Nova, stopped, and started on its new host, when that is configured', async () => {
    for (const reportedAfterMs of [0, 16_000]) {
      const bench = await instanceBench();
      const desk = await bench.start({ limits: ONCE });
      const ends: string[] = [];
      for (let time = 0; time < 2; time += 1) {
        bench.crash();
        await bench.passMs(reportedAfterMs);
        const uuid = await desk.report();
        await bench.passMs(60_000);
        const { message, status } = await bench.read(uuid);
        ends.push(`${status}: ${message ?? ''}`);
      }
      expect(ends).toEqual([
        'finished: it was started again on cmp1',
        'finished: it was restarted too often on cmp1, and started again on cmp2',
      ]);
      const stops = bench.calls.filter((call) => call === 'stop').length;
      expect(stops).toBe(reportedAfterMs === 0 ? 2 : 0);
      expect(bench.calls.filter((call) => call !== 'stop')).toEqual(['start', 'migrate', 'confirm-resize', 'start']);
      expect(bench.guest).toMatchObject({ host: 'cmp2', vmState: 'active', powerState: 1, taskState: null });
      expect(doubleRuns(bench.world)).toEqual([]);
    }
  });

  it('is not migrated when nothing is configured', async () => {
    const bench = await instanceBench();
    const desk = await bench.start({ limits: { restarts: 0 } });
    bench.crash();
    const uuid = await desk.report();
    await bench.passMs(60_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'failed' });
    expect(bench.calls).toEqual([]);
  });

  it('is given up when it dies too often again, also by a new engine, and migrated again a day later', async () => {
    const bench = await instanceBench();
    const ends: string[] = [];
    const die = async (): Promise<void> => {
      const desk = await bench.start({ limits: ONCE });
      bench.crash();
      const uuid = await desk.report();
      await bench.passMs(60_000);
      const { message, status } = await bench.read(uuid);
      ends.push(`${status}: ${message ?? ''}`);
      desk.stop();
    };
    for (let time = 0; time < 3; time += 1) await die();
    expect(ends[2]).toMatch(
      /^failed: it was restarted 2 times in 10 minutes, and brought to another host 1 minute ago/,
    );
    expect(migrations(bench)).toBe(1);
    // Long enough for restarts, and not for another migration.
    await bench.passMs(7_200_000);
    await Promise.all([bench.cloud.act(bench.guest.id, 'start'), bench.passMs(1_000)]);
    for (let time = 0; time < 2; time += 1) await die();
    expect(ends[3]).toMatch(/^finished/);
    expect(ends[4]).toMatch(/^failed: .*brought to another host 12\d minutes ago/);
    expect(migrations(bench)).toBe(1);
    await bench.passMs(86_400_000);
    await Promise.all([bench.cloud.act(bench.guest.id, 'start'), bench.passMs(1_000)]);
    for (let time = 0; time < 2; time += 1) await die();
    expect(ends[6]).toMatch(/^finished: it was restarted too often on cmp2, and started again on cmp1/);
    expect(migrations(bench)).toBe(2);
  });

  it('waits while four others are on their way', async () => {
    const bench = await instanceBench();
    bench.world.options = { ...bench.world.options, spawnMs: 100_000 };
    const desk = await bench.start({ limits: NEVER });
    const guests = Array.from({ length: 6 }, (_, index) =>
      addGuest(bench.world, { host: 'cmp1', vmState: 'stopped', name: `db${index}` }),
    );
    const uuids = await Promise.all(guests.map((guest) => desk.report(undefined, undefined, undefined, guest)));
    await bench.passMs(50_000);
    expect(migrations(bench)).toBe(4);
    const messages = await Promise.all(uuids.map(async (uuid) => (await bench.read(uuid)).message));
    expect(messages.filter((message) => message === 'waits: 4 other instances are being migrated')).toHaveLength(2);
    await bench.passMs(300_000);
    for (const uuid of uuids) expect(await bench.read(uuid)).toMatchObject({ status: 'finished' });
    expect(migrations(bench)).toBe(6);
  });
});

describe('a migration that does not go well', () => {
  it('ends with Nova’s reason and the commands when no host can take the instance, and is not tried again', async () => {
    const bench = await instanceBench();
    bench.world.faults.add({ effect: { kind: 'no-valid-host' } });
    const uuid = await onItsWay(bench, () => bench.calls.includes('migrate'));
    await bench.passMs(60_000);
    const { message, status } = await bench.read(uuid);
    expect(status).toBe('failed');
    expect(message).toMatch(
      /^it was restarted too often on cmp1, and Nova could not migrate it: No valid host was found/,
    );
    expect(message).toContain(`openstack server start ${bench.guest.id}`);
    expect(bench.guest).toMatchObject({ host: 'cmp1', vmState: 'stopped' });
    expect(migrations(bench)).toBe(1);
  });

  it('is not begun when Nova’s policy forbids it', async () => {
    const bench = await instanceBench();
    const desk = await bench.start({ limits: NEVER });
    bench.crash();
    await bench.passMs(20_000);
    bench.world.faults.add({ route: 'action', effect: { kind: 'status', status: 403, message: 'not you' } });
    const uuid = await desk.report();
    await bench.passMs(60_000);
    const { message, status } = await bench.read(uuid);
    expect(status).toBe('failed');
    expect(message).toMatch(/Nova refuses to migrate it.*not you.*openstack server start/);
    expect(bench.calls).toEqual(['migrate']);
  });

  it('is sent again when its call never came to Nova, and not when only the answer was lost', async () => {
    for (const when of ['before-executing', 'after-executing'] as const) {
      const bench = await instanceBench();
      const desk = await bench.start({ limits: NEVER });
      bench.crash();
      await bench.passMs(20_000);
      bench.world.faults.add({ route: 'action', effect: { kind: 'drop', when }, times: 1 });
      const uuid = await desk.report();
      await bench.passMs(120_000);
      expect(await bench.read(uuid)).toMatchObject({ status: 'finished' });
      expect(bench.calls.filter((call) => call === 'migrate')).toHaveLength(when === 'before-executing' ? 2 : 1);
      expect(migrations(bench)).toBe(1);
    }
  });

  it('ends with the command when it hangs in Nova for too long', async () => {
    const bench = await instanceBench();
    bench.world.faults.add({ effect: { kind: 'never-finishes' } });
    const uuid = await onItsWay(bench, () => bench.guest.taskState === 'resize_prep');
    await bench.passMs(590_000);
    expect(await bench.read(uuid)).toMatchObject({
      status: 'running',
      message: 'on its way from cmp1: Nova shows resize_prep',
    });
    await bench.passMs(30_000);
    const { message, status } = await bench.read(uuid);
    expect(status).toBe('failed');
    expect(message).toMatch(/its migration from cmp1 has not ended in 6\d\d s \(resize_prep\): openstack server show/);
  });

  it('ends with the command when the instance is in error on its new host', async () => {
    const bench = await instanceBench();
    const uuid = await onItsWay(bench, () => bench.guest.taskState === 'resize_migrated');
    const fault = { message: 'no such network', atMs: 0 };
    Object.assign(bench.guest, { vmState: 'error', taskState: null, fault });
    await bench.passMs(10_000);
    const { message, status } = await bench.read(uuid);
    expect(status).toBe('failed');
    expect(message).toMatch(/left it in error on cmp2: no such network; openstack server reboot --hard/);
    expect(bench.calls).not.toContain('confirm-resize');
  });

  it('ends, and nothing is started, when somebody takes it back', async () => {
    const bench = await instanceBench();
    const cloud: Cloud = {
      ...bench.cloud,
      act: async (id, action, signal) => {
        if (action !== 'confirm-resize') return bench.cloud.act(id, action, signal);
        Object.assign(bench.guest, { vmState: 'stopped', taskState: null, host: 'cmp1' });
        throw new LifeboatError('CLOUD_CONFLICT', 'it is not resized');
      },
    };
    const desk = await bench.start({ limits: NEVER, cloud });
    bench.crash();
    const uuid = await desk.report();
    await bench.passMs(60_000);
    const { message, status } = await bench.read(uuid);
    expect(status).toBe('failed');
    expect(message).toContain('was taken back');
    expect(bench.calls).not.toContain('start');
  });

  it('is confirmed later when Nova first calls its source down', async () => {
    const bench = await instanceBench();
    let refusals = 0;
    const cloud: Cloud = {
      ...bench.cloud,
      act: async (id, action, signal) => {
        if (action !== 'confirm-resize' || refusals >= 2) return bench.cloud.act(id, action, signal);
        refusals += 1;
        throw new LifeboatError('CLOUD_CONFLICT', 'Service is unavailable at this time.');
      },
    };
    const desk = await bench.start({ limits: NEVER, cloud });
    bench.crash();
    const uuid = await desk.report();
    await bench.passMs(120_000);
    expect(refusals).toBe(2);
    expect(await bench.read(uuid)).toMatchObject({ status: 'finished' });
  });

  it('says what Nova answers when it is never confirmed', async () => {
    const bench = await instanceBench();
    const cloud: Cloud = {
      ...bench.cloud,
      act: async (id, action, signal) => {
        if (action !== 'confirm-resize') return bench.cloud.act(id, action, signal);
        throw new LifeboatError('CLOUD_CONFLICT', 'Service is unavailable at this time.');
      },
    };
    const desk = await bench.start({ limits: NEVER, cloud });
    bench.crash();
    const uuid = await desk.report();
    await bench.passMs(1_200_000);
    const { message, status } = await bench.read(uuid);
    expect(status).toBe('failed');
    expect(message).toMatch(
      /does not confirm its migration from cmp1 to cmp2 \(Service is unavailable.*openstack server resize confirm/,
    );
    expect(bench.calls).not.toContain('start');
  });
});

describe('a resize that is not ours', () => {
  it('is left to its owner when it waits to be confirmed', async () => {
    const bench = await instanceBench();
    actOn(bench.world, bench.guest, { migrate: null }, 'somebody');
    await bench.passMs(5_000);
    expect(bench.guest.vmState).toBe('resized');
    const desk = await bench.start({ limits: NEVER });
    const uuid = await desk.report(undefined, undefined, undefined, { ...bench.guest, host: 'cmp2' });
    await bench.passMs(60_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'ignored' });
    expect(bench.calls).toEqual([]);
    expect(bench.guest.vmState).toBe('resized');
  });

  it('is not confirmed either when it came just before our migration, which Nova has refused for it', async () => {
    const bench = await instanceBench();
    let hasCome = false;
    const cloud: Cloud = {
      ...bench.cloud,
      act: (id, action, signal) => {
        if (action === 'migrate' && !hasCome) {
          hasCome = true;
          actOn(bench.world, bench.guest, { migrate: null }, 'somebody');
        }
        return bench.cloud.act(id, action, signal);
      },
    };
    const desk = await bench.start({ limits: NEVER, cloud });
    bench.crash();
    const uuid = await desk.report();
    await bench.passMs(60_000);
    const { message, status } = await bench.read(uuid);
    expect(status).toBe('failed');
    expect(message).toMatch(/waits on cmp2 for its resize to be confirmed, which is not ours/);
    expect(bench.calls).toEqual(['stop', 'migrate']);
    expect(bench.guest).toMatchObject({ vmState: 'resized', host: 'cmp2' });
    expect(migrations(bench)).toBe(1);
  });
});

describe('a migration whose host dies', () => {
  it('is left to the recovery of its host, and the instance is started where that has brought it', async () => {
    const bench = await instanceBench();
    bench.world.options = { ...bench.world.options, spawnMs: 5_000 };
    const uuid = await onItsWay(bench, () => bench.guest.taskState === 'resize_migrating');
    killHost(bench.world, 'cmp1');
    bench.lost.add('cmp1');
    await bench.passMs(60_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'running', message: 'waits: cmp1 is lost' });
    bench.move = { state: 'accepted' };
    Object.assign(bench.guest, { host: 'cmp2', vmState: 'stopped', taskState: null, powerState: 4 });
    await bench.passMs(20_000);
    expect(bench.calls).toEqual(['stop', 'migrate']);
    bench.move = { state: 'done' };
    await bench.passMs(60_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'finished' });
    expect(bench.calls).toEqual(['stop', 'migrate', 'start']);
    expect(bench.guest).toMatchObject({ host: 'cmp2', vmState: 'active', powerState: 1 });
    expect(doubleRuns(bench.world)).toEqual([]);
  });

  it('waits for that host when it has arrived, for nobody else can confirm it, and starts nothing before (S3)', async () => {
    for (const moment of ['arrived', 'confirming'] as const) {
      const bench = await instanceBench();
      const uuid = await onItsWay(bench, () =>
        moment === 'arrived' ? bench.guest.vmState === 'resized' : bench.calls.includes('confirm-resize'),
      );
      killHost(bench.world, 'cmp1');
      bench.lost.add('cmp1');
      await bench.passMs(300_000);
      expect(await bench.read(uuid), moment).toMatchObject({ status: 'running', message: 'waits: cmp1 is lost' });
      expect(bench.guest).toMatchObject({ host: 'cmp2', vmState: 'resized' });
      expect(bench.calls).not.toContain('start');
      returnHost(bench.world, 'cmp1');
      drainQueue(bench.world, requireHost(bench.world, 'cmp1'));
      bench.lost.delete('cmp1');
      await bench.passMs(120_000);
      expect(await bench.read(uuid), moment).toMatchObject({ status: 'finished' });
      expect(bench.guest).toMatchObject({ host: 'cmp2', vmState: 'active', powerState: 1 });
      expect(doubleRuns(bench.world)).toEqual([]);
    }
  });

  it('does not matter any more once it is confirmed, or somebody has seen to the instance', async () => {
    for (const seenTo of [false, true]) {
      const bench = await instanceBench();
      const uuid = await onItsWay(bench, () => bench.guest.vmState === 'resized');
      killHost(bench.world, 'cmp1');
      bench.lost.add('cmp1');
      await bench.passMs(30_000);
      expect(await bench.read(uuid)).toMatchObject({ status: 'running', message: 'waits: cmp1 is lost' });
      Object.assign(bench.guest, seenTo ? { vmState: 'active', powerState: 1 } : { vmState: 'stopped' });
      await bench.passMs(30_000);
      expect(await bench.read(uuid)).toMatchObject({ status: seenTo ? 'ignored' : 'finished' });
      expect(bench.calls).toEqual(['stop', 'migrate', ...(seenTo ? [] : ['start'])]);
    }
  });

  it('waits for the recovery of its new host when that dies', async () => {
    const bench = await instanceBench();
    const uuid = await onItsWay(bench, () => bench.guest.taskState === 'resize_migrated');
    killHost(bench.world, 'cmp2');
    bench.lost.add('cmp2');
    await bench.passMs(60_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'running', message: 'waits: cmp2 is lost' });
    addHost(bench.world, { name: 'cmp3' });
    Object.assign(bench.guest, { host: 'cmp3', vmState: 'stopped', taskState: null, powerState: 4 });
    await bench.passMs(60_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'finished' });
    expect(bench.guest).toMatchObject({ host: 'cmp3', vmState: 'active' });
    expect(bench.calls).toEqual(['stop', 'migrate', 'start']);
    expect(doubleRuns(bench.world)).toEqual([]);
  });

  it('is not confirmed while Lifeboat is paused', async () => {
    const bench = await instanceBench();
    const uuid = await onItsWay(bench, () => bench.guest.vmState === 'resized');
    bench.hold = { kind: 'paused', reason: 'Lifeboat is paused', remedy: undefined };
    await bench.passMs(1_200_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'running', message: 'waits: Lifeboat is paused' });
    expect(bench.calls).toEqual(['stop', 'migrate']);
    bench.hold = undefined;
    await bench.passMs(60_000);
    expect(await bench.read(uuid)).toMatchObject({ status: 'finished' });
  });
});

describe('an engine that is killed while it has an instance migrated', () => {
  for (const moment of ['before', 'after'] as const) {
    it(`is followed by one that ends the same, killed just ${moment} any of its effects (S3, S4)`, async () => {
      let dieAt = 0;
      for (let hasDied = true; hasDied;) {
        dieAt += 1;
        const bench = await instanceBench();
        const { cloud, isDead, store } = mortal(bench.cloud, bench.store, dieAt, moment);
        const doomed = await bench.start({ cloud, store, limits: NEVER });
        bench.crash();
        const uuid = await doomed.report();
        await bench.passMs(30_000);
        hasDied = isDead();
        doomed.stop();
        const next = await bench.start({ limits: NEVER });
        await bench.passMs(120_000);
        expect(await bench.read(uuid), `killed at ${dieAt}`).toMatchObject({ status: 'finished' });
        expect(bench.guest, `killed at ${dieAt}`).toMatchObject({ vmState: 'active', powerState: 1, host: 'cmp2' });
        expect(bench.restarts(), `killed at ${dieAt}`).toBe(1);
        expect(migrations(bench), `killed at ${dieAt}`).toBe(1);
        expect(doubleRuns(bench.world)).toEqual([]);
        next.stop();
      }
      expect(dieAt).toBeGreaterThan(15);
    });
  }
});
