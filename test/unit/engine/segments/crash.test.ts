import { describe, expect, it } from 'vitest';
import type { DeclaredSegment } from '../../../../src/engine/segments/declare.ts';
import { eventually } from '../../../support/eventually.ts';
import { engineBench, inventoryOf, proofOf, proven, untilRecovery, up, type EngineBench } from '../bench.ts';
import { mortal } from '../mortal.ts';

type CleanUps = (cleanUp: () => Promise<void>) => void;

/** More than the effects of one whole recovery over a reserved host, with its aggregate. */
const KILL_POINTS = 60;
const GROUP = 6;

const HOST = { type: 'COMPUTE', controlAttributes: 'SSH', onMaintenance: false } as const;
const SEGMENT: DeclaredSegment = {
  name: 'rack',
  description: undefined,
  serviceType: 'COMPUTE',
  recoveryMethod: 'reserved_host',
  enabled: true,
  hosts: [
    { ...HOST, name: 'cmp1', reserved: false },
    { ...HOST, name: 'spare', reserved: true },
  ],
};

async function benchWithSpare(onTestFinished: CleanUps): Promise<EngineBench> {
  const bench = await engineBench(onTestFinished, { instances: 2 });
  await bench.emulator.addHost({ name: 'spare' });
  await bench.emulator.addAggregate({ name: 'fast', hosts: ['cmp1'] });
  const spare = (await bench.cloud.computeServices()).find(({ host }) => host === 'spare');
  await bench.cloud.disableService(spare?.id ?? '', 'kept free');
  await bench.emulator.killHost('cmp1');
  return bench;
}

describe('an engine that is killed while it uses a reserved host', () => {
  for (const moment of ['before', 'after'] as const) {
    for (let first = 1; first <= KILL_POINTS; first += GROUP) {
      it.concurrent(
        `just ${moment} its effects ${first} to ${first + GROUP - 1}: the next one finishes, and gives back what is unused (S3, S4)`,
        async ({ onTestFinished }) => {
          for (let dieAt = first; dieAt < first + GROUP; dieAt += 1) await cutAt(dieAt, moment, onTestFinished);
        },
        60_000,
      );
    }
  }
});

async function cutAt(dieAt: number, moment: 'before' | 'after', onTestFinished: CleanUps): Promise<void> {
  const bench = await benchWithSpare(onTestFinished);
  const { emulator } = bench;
  const verdicts = [proven('cmp1', proofOf('cmp1')), up('spare')];
  const whole = await inventoryOf(emulator);
  // Nova and Placement are one client: its effects are counted together.
  const { cloud, store, isDead } = mortal(whole, await bench.openStore(), dieAt, moment);
  const more = { segments: [SEGMENT], addsReservedToAggregates: true };
  let finished = false;
  const doomed = async (): Promise<void> => {
    const running = await bench.start({
      cloud,
      store,
      more: { ...more, inventory: cloud as typeof whole },
    });
    for (let look = 0; look < 100 && !isDead(); look += 1) {
      await running.see(verdicts);
      if (running.engine.recoveries[0]?.recovery.state === 'recovered') return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  void doomed()
    .catch(() => undefined)
    .then(() => (finished = true));
  await eventually('it is dead, or has finished', () => isDead() || finished);

  const successor = await bench.start({ more: { ...more, inventory: whole } });
  await untilRecovery(successor, 'cmp1', 'recovered', verdicts);
  const { hosts, instances } = await emulator.state();
  expect(
    instances.map(({ host, vmState }) => `${vmState} on ${host}`),
    `killed at ${dieAt}`,
  ).toEqual(Array(2).fill('active on spare'));
  expect(await emulator.evacuateCalls()).toHaveLength(2);
  expect(await emulator.doubleRuns()).toEqual([]);
  expect(hosts.find(({ name }) => name === 'spare')?.status).toBe('enabled');
  expect((await emulator.aggregates())[0]?.hosts).toEqual(['cmp1', 'spare']);
  await successor.stop();

  // Its owners take the instances away: nobody needs the host any more, and what was done to it is undone.
  for (const { id } of instances) await emulator.removeInstance(id);
  const last = await bench.start({ more: { ...more, inventory: whole } });
  await eventually('the host is given back', async () => {
    await last.see(verdicts);
    return (await emulator.aggregates())[0]?.hosts.length === 1;
  });
  const service = (await bench.cloud.computeServices()).find(({ host }) => host === 'spare');
  expect(service).toMatchObject({ status: 'disabled', disabledReason: 'kept free' });
  await last.stop();
}
