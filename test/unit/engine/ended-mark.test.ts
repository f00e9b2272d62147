import { describe, expect, it } from 'vitest';
import { readMark } from '../../../src/engine/mark.ts';
import { eventually } from '../../support/eventually.ts';
import { engineBench, proofOf, proven, type EngineBench } from './bench.ts';

async function markOf(bench: EngineBench, host: string) {
  const service = (await bench.cloud.computeServices()).find((one) => one.host === host);
  return readMark(service?.disabledReason);
}

describe('the end of a recovery', () => {
  it('is written into Nova, and an engine without the store takes it as ended', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 2 });
    await bench.emulator.killHost('cmp1');
    const first = await bench.start();
    await first.see([proven('cmp1', proofOf('cmp1'))]);
    await eventually('it is recovered', () => first.engine.recoveries[0]?.recovery.state === 'recovered');
    expect(await markOf(bench, 'cmp1')).toMatchObject({ kind: 'recovery', ended: 'recovered', wasDisabled: false });
    expect(first.engine.gateOf('cmp1', 'nova-compute').gate).toBe('open');
    await first.stop();

    const calls = (await bench.emulator.evacuateCalls()).length;
    const second = await bench.start({ store: await bench.openStore('another') });
    await second.see([{ state: 'up', node: 'cmp2', host: 'cmp2' }]);
    expect(second.engine.recoveries[0]?.recovery).toMatchObject({ host: 'cmp1', state: 'recovered' });
    expect(second.engine.gateOf('cmp1', 'nova-compute').gate).toBe('open');
    expect(second.engine.gateOf('cmp1', 'guests').gate).toBe('closed');
    expect(await bench.emulator.evacuateCalls()).toHaveLength(calls);
    await second.stop();
  });

  it('comes also when Nova does not take the mark', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 1 });
    await bench.emulator.killHost('cmp1');
    const cloud = {
      ...bench.cloud,
      disableService: (id: string, reason: string) =>
        readMark(reason)?.kind === 'recovery' && reason.includes('has ended')
          ? bench.cloud.disableService('no-such-service', reason)
          : bench.cloud.disableService(id, reason),
    };
    const running = await bench.start({ cloud });
    await running.see([proven('cmp1', proofOf('cmp1'))]);
    await eventually('it is recovered', () => running.engine.recoveries[0]?.recovery.state === 'recovered');
    expect(bench.logger.lines).toContain('warn: cmp1: Nova was not told that its moves have ended');
    await running.stop();
  });
});
