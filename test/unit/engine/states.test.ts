import { describe, expect, it } from 'vitest';
import { LifeboatError } from '../../../src/errors.ts';
import { eventually } from '../../support/eventually.ts';
import type { EmulatedInstance, InstanceSpec } from '../../emulator/index.ts';
import { engineBench, proofOf, proven, untilRecovery, up, type EngineBench } from './bench.ts';
import { mortal } from './mortal.ts';

/** Kill points of one test: all of them are side by side. */
const GROUP = 5;

type Spec = Omit<InstanceSpec, 'host'>;

/** What an instance was on the dead host, and what it is on the new one. */
const RESTORED: readonly (readonly [Spec, string, RegExp | undefined])[] = [
  [{ vmState: 'active' }, 'active', undefined],
  [{ vmState: 'stopped' }, 'stopped', undefined],
  [{ vmState: 'error' }, 'active', undefined],
  [{ vmState: 'paused' }, 'paused', /memory is lost/],
  [{ vmState: 'suspended' }, 'suspended', /memory is lost/],
  [{ vmState: 'rescued' }, 'rescued', /new rescue password/],
  [{ vmState: 'resized', resizedFrom: 'cmp2' }, 'active', /can no longer be reverted/],
  [{ vmState: 'resized', resizedFrom: 'cmp1' }, 'active', /can no longer be reverted/],
  [{ vmState: 'resized', resizedFrom: 'cmp2', powerState: 4 }, 'stopped', /can no longer be reverted/],
  [{ taskState: 'powering-off', lastAction: { name: 'stop', call: 'taken' } }, 'stopped', /asked for it/],
  [{ vmState: 'stopped', taskState: 'powering-on', lastAction: { name: 'start', call: 'taken' } }, 'active', undefined],
  [{ taskState: 'suspending', lastAction: { name: 'suspend', call: 'taken' } }, 'suspended', /memory is lost/],
  [{ taskState: 'pausing', lastAction: { name: 'pause', call: 'queued' } }, 'paused', /memory is lost/],
  [{ taskState: 'rebooting_hard', lastAction: { name: 'reboot', call: 'queued' } }, 'active', undefined],
  // A migration that the dead host had begun to copy; what it was to be is what it was.
  [
    { vmState: 'stopped', taskState: 'resize_migrating', lastAction: { name: 'migrate', call: 'taken' } },
    'stopped',
    undefined,
  ],
];

/** Those that stay where they are. */
const LEFT: readonly (readonly [Spec, 'skipped' | 'failed', RegExp])[] = [
  [{ vmState: 'shelved' }, 'skipped', /shelved/],
  [{ vmState: 'soft-delete' }, 'skipped', /soft-deleted/],
  [{ taskState: 'deleting' }, 'skipped', /deleting it/],
  [{ vmState: 'building', taskState: 'spawning' }, 'failed', /never ran/],
  [
    { vmState: 'stopped', taskState: 'powering-on', lastAction: { name: 'start', call: 'queued' } },
    'failed',
    /its start waits in the queue of nova-compute on cmp1.*purge the message queue compute\.cmp1/,
  ],
  [
    { vmState: 'suspended', taskState: 'resuming', lastAction: { name: 'resume', call: 'queued' } },
    'failed',
    /its resume/,
  ],
  [{ taskState: 'rescuing', lastAction: { name: 'rescue', call: 'queued' } }, 'failed', /its rescue/],
  [{ taskState: 'powering-off', lastAction: { name: 'stop', call: 'queued' } }, 'skipped', /its stop/],
  [
    { vmState: 'stopped', taskState: 'resize_prep', lastAction: { name: 'migrate', call: 'queued' } },
    'failed',
    /its migrate waits in the queue of nova-compute on cmp1/,
  ],
];

describe('an instance that is moved', () => {
  for (const [spec, state, reason] of RESTORED) {
    it.concurrent(`and was ${words(spec)} ends as ${state}`, async ({ onTestFinished }) => {
      const bench = await benchWith([spec], onTestFinished);
      const running = await bench.start();
      await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1')]);
      const [move] = running.engine.recoveries[0]?.moves ?? [];
      expect(move).toMatchObject({ state: 'done' });
      if (reason === undefined) expect(move?.reason).toBeUndefined();
      else expect(move?.reason).toMatch(reason);
      const [instance] = await instancesOf(bench);
      expect(instance).toMatchObject({ vmState: state, taskState: null });
      expect(instance?.host).not.toBe('cmp1');
      expect(await bench.emulator.evacuateCalls()).toHaveLength(1);
      await running.stop();
    });
  }

  it.concurrent('is stopped when Nova does not pause it again, and the move says so', async ({ onTestFinished }) => {
    const bench = await benchWith([{ vmState: 'paused' }], onTestFinished);
    const { cloud } = bench;
    const stubborn: typeof cloud = {
      ...cloud,
      act: (id, action, signal) => cloud.act(action === 'pause' ? `${id}-not` : id, action, signal),
    };
    const running = await bench.start({ cloud: stubborn });
    await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1')]);
    expect(await instancesOf(bench)).toMatchObject([{ vmState: 'stopped' }]);
    expect(running.engine.recoveries[0]?.moves[0]?.reason).toMatch(/it was paused.*stopped instead/);
    await running.stop();
  });

  it.concurrent('is not reset while the confirmation of its resize is under way', async ({ onTestFinished }) => {
    const bench = await benchWith([{ vmState: 'resized', resizedFrom: 'cmp2' }], onTestFinished);
    const { cloud } = bench;
    let asked = 0;
    let resets = 0;
    const slow: typeof cloud = {
      ...cloud,
      async resetState(id, signal) {
        resets += 1;
        return cloud.resetState(id, signal);
      },
      async act(id, action, signal) {
        if (action !== 'confirm-resize') return cloud.act(id, action, signal);
        asked += 1;
        // As Nova refuses it from the moment that the first one is accepted.
        if (asked > 1) throw new LifeboatError('CLOUD_BAD_REQUEST', 'Instance has not been resized.');
        setTimeout(() => void cloud.act(id, action).catch(() => undefined), 700);
      },
    };
    const running = await bench.start({ cloud: slow });
    await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1')]);
    expect(asked).toBeGreaterThan(1);
    expect(resets).toBe(0);
    expect(await instancesOf(bench)).toMatchObject([{ vmState: 'active', taskState: null }]);
    expect(await bench.emulator.evacuateCalls()).toHaveLength(1);
    await running.stop();
  });

  it.concurrent('is left as it is when its resize is never confirmed', async ({ onTestFinished }) => {
    const bench = await benchWith([{ vmState: 'resized', resizedFrom: 'cmp2' }], onTestFinished);
    const before = await instancesOf(bench);
    const { cloud } = bench;
    const stuck: typeof cloud = {
      ...cloud,
      async act(id, action, signal) {
        if (action !== 'confirm-resize') return cloud.act(id, action, signal);
        throw new LifeboatError('CLOUD_BAD_REQUEST', 'Instance has not been resized.');
      },
    };
    const running = await bench.start({ cloud: stuck });
    await untilRecovery(running, 'cmp1', 'failed', [proven('cmp1')]);
    expect(running.engine.recoveries[0]?.moves[0]?.reason).toMatch(/resized still.*may still be confirming its resize/);
    expect(await instancesOf(bench)).toEqual(before);
    await running.stop();
  });

  it.concurrent('says what it was when it cannot be moved after its state was reset', async ({ onTestFinished }) => {
    const bench = await benchWith([{ vmState: 'paused' }], onTestFinished);
    const [instance] = await instancesOf(bench);
    await bench.emulator.fault({ effect: { kind: 'no-valid-host' }, instanceId: instance?.id ?? '' });
    const running = await bench.start();
    await untilRecovery(running, 'cmp1', 'failed', [proven('cmp1')]);
    expect(running.engine.recoveries[0]?.moves[0]?.reason).toMatch(/in error on cmp1 now, it was paused/);
    await running.stop();
  });
});

describe('an instance that is not moved', () => {
  for (const [spec, state, reason] of LEFT) {
    it.concurrent(
      `because it is ${words(spec)} is ${state}, untouched, with the reason`,
      async ({ onTestFinished }) => {
        const bench = await benchWith([spec], onTestFinished);
        const before = await instancesOf(bench);
        const running = await bench.start();
        await untilRecovery(running, 'cmp1', state === 'failed' ? 'failed' : 'recovered', [proven('cmp1')]);
        const [move] = running.engine.recoveries[0]?.moves ?? [];
        expect(move).toMatchObject({ state });
        expect(move?.reason).toMatch(reason);
        expect(await instancesOf(bench)).toEqual(before);
        const posts = (await bench.emulator.requests()).filter(({ path }) => path.endsWith('/action'));
        expect(posts).toEqual([]);
        await running.stop();
      },
    );
  }

  it.concurrent(
    'runs once only when the host is back and carries out what waited for it',
    async ({ onTestFinished }) => {
      const start = { name: 'start', call: 'queued' } as const;
      const spec = { vmState: 'stopped', taskState: 'powering-on', lastAction: start };
      const bench = await benchWith([spec, { vmState: 'active' }], onTestFinished, { gate: false });
      const running = await bench.start();
      await untilRecovery(running, 'cmp1', 'failed', [proven('cmp1')]);
      await bench.emulator.returnHost('cmp1');
      const [started] = await instancesOf(bench);
      expect(started).toMatchObject({ vmState: 'active', host: 'cmp1', runsOn: ['cmp1'] });
      expect(await bench.emulator.doubleRuns()).toEqual([]);
      await running.see([up('cmp1')]);
      await running.stop();
    },
  );
});

describe('a move whose target dies in the middle', () => {
  it.concurrent('is sent once more when the target had taken it, and runs once', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 1, options: { spawnMs: 1_500 } });
    await bench.emulator.killHost('cmp1');
    const running = await bench.start();
    const verdicts = [proven('cmp1')];
    let target = '';
    await eventually('a target has taken it', async () => {
      await running.see(verdicts);
      const [migration] = (await bench.emulator.state()).migrations;
      target = migration?.targetHost ?? '';
      return migration?.status === 'pre-migrating';
    });
    await bench.emulator.killHost(target);
    await bench.emulator.setOptions({ spawnMs: 40 });
    verdicts.push(proven(target));
    await untilRecovery(running, 'cmp1', 'recovered', verdicts);
    const [instance] = await instancesOf(bench);
    expect(instance?.runsOn).toHaveLength(1);
    expect(['cmp1', target]).not.toContain(instance?.host);
    expect(await bench.emulator.evacuateCalls()).toMatchObject([{ outcome: 'accepted' }, { outcome: 'accepted' }]);
    expect(await bench.emulator.doubleRuns()).toEqual([]);
    await running.stop();
  });
});

describe('an engine that is killed among the calls before and after an evacuation', () => {
  const specs: readonly Spec[] = [
    { vmState: 'paused' },
    { vmState: 'suspended' },
    { vmState: 'resized', resizedFrom: 'cmp2' },
    { taskState: 'powering-off', lastAction: { name: 'stop', call: 'taken' } },
  ];
  const ends = ['paused', 'suspended', 'active', 'stopped'];
  for (const moment of ['before', 'after'] as const) {
    for (let first = 1; first <= 60; first += GROUP) {
      it.concurrent(
        `just ${moment} its effects ${first} to ${first + GROUP - 1}: the next one ends the same (S4), and sends nothing twice (S3)`,
        async ({ onTestFinished }) => {
          for (let dieAt = first; dieAt < first + GROUP; dieAt += 1) {
            const bench = await benchWith(specs, onTestFinished);
            const proof = proofOf('cmp1');
            const { cloud, store, isDead } = mortal(bench.cloud, await bench.openStore(), dieAt, moment);
            let finished = false;
            void bench
              .start({ cloud, store })
              .then(async (running) => {
                for (let look = 0; look < 200 && !isDead(); look += 1) {
                  await running.see([proven('cmp1', proof)]);
                  if (running.engine.recoveries[0]?.recovery.state === 'recovered') return;
                  await new Promise((resolve) => setTimeout(resolve, 10));
                }
              })
              .catch(() => undefined)
              .then(() => (finished = true));
            await eventually('it is dead, or has finished', () => isDead() || finished);
            const successor = await bench.start();
            await untilRecovery(successor, 'cmp1', 'recovered', [proven('cmp1', proof)]);
            expect(
              (await instancesOf(bench)).map(({ vmState }) => vmState),
              `killed at ${dieAt}`,
            ).toEqual(ends);
            expect(await bench.emulator.evacuateCalls()).toHaveLength(specs.length);
            expect(await bench.emulator.doubleRuns()).toEqual([]);
            await successor.stop();
          }
        },
        90_000,
      );
    }
  }
});

async function benchWith(
  specs: readonly Spec[],
  onTestFinished: (cleanUp: () => Promise<void>) => void,
  options: Parameters<typeof engineBench>[1] extends { options?: infer O } | undefined ? O : never = {},
): Promise<EngineBench> {
  const bench = await engineBench(onTestFinished, { instances: 0, options });
  for (const spec of specs) await bench.emulator.addInstance({ ...spec, host: 'cmp1' });
  await bench.emulator.killHost('cmp1');
  return bench;
}

async function instancesOf(bench: EngineBench): Promise<readonly EmulatedInstance[]> {
  return (await bench.emulator.state()).instances;
}

function words(spec: Spec): string {
  const from = spec.resizedFrom === undefined ? '' : ` from ${spec.resizedFrom}`;
  const power = spec.powerState === 4 ? ', shut off' : '';
  const task = spec.taskState === undefined ? '' : ` and ${spec.taskState}`;
  const call = spec.lastAction === undefined ? '' : `, its ${spec.lastAction.name} ${spec.lastAction.call}`;
  return `${spec.vmState ?? 'active'}${from}${power}${task}${call}`;
}
