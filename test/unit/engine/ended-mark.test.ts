import { describe, expect, it } from 'vitest';
import { systemRandomness } from '../../../src/edge/randomness.ts';
import { readMark, recoveryMark } from '../../../src/engine/mark.ts';
import type { Move } from '../../../src/engine/move.ts';
import { newRecovery } from '../../../src/engine/rebuild.ts';
import { eventually } from '../../support/eventually.ts';
import { engineBench, proofOf, proven, untilRecovery, up, type EngineBench } from './bench.ts';

async function markOf(bench: EngineBench, host: string) {
  const service = (await bench.cloud.computeServices()).find((one) => one.host === host);
  return readMark(service?.disabledReason);
}

/** Another engine has ended the moves from cmp1, whose last instance it could not move, and is gone. */
async function endedByAnother(bench: EngineBench) {
  await bench.emulator.killHost('cmp1');
  const proof = proofOf('cmp1', Date.now() - 60_000);
  const service = (await bench.cloud.computeServices()).find((one) => one.host === 'cmp1');
  await bench.cloud.setForcedDown(service?.id ?? '', true);
  await bench.cloud.disableService(service?.id ?? '', recoveryMark(proof, false, Date.now(), 'failed'));
  return proof;
}

function waitingMove(recoveryId: string, instanceId: string): Move {
  return {
    id: 'm1',
    recoveryId,
    instanceId,
    name: 'web-1',
    state: 'waiting',
    reason: undefined,
    sourceHost: 'cmp1',
    targetHost: undefined,
    formerVmState: 'active',
    wantedState: 'active',
    failures: 0,
    pastEvacuationId: 0,
    sentAtMs: undefined,
    acceptedAtMs: undefined,
    endedAtMs: undefined,
  };
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

  it('is heeded by an engine without the store that finds the node still down', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 1, options: { gate: false } });
    const proof = await endedByAnother(bench);
    const second = await bench.start();
    await second.see([proven('cmp1', proof)]);
    await eventually('it is taken as ended', () => second.engine.recoveries[0]?.recovery.state === 'failed');
    expect(await bench.emulator.evacuateCalls(), 'the gate may have let it start on Nova’s word').toHaveLength(0);
    expect(await markOf(bench, 'cmp1')).toMatchObject({ ended: 'failed' });
    await bench.emulator.returnHost('cmp1');
    await untilRecovery(second, 'cmp1', 'released', [up('cmp1')]);
    await second.stop();
  });

  it('is heeded by an engine whose store is older', async ({ onTestFinished }) => {
    const bench = await engineBench(onTestFinished, { instances: 1 });
    const proof = await endedByAnother(bench);
    const old = await bench.formerStore('old');
    const made = newRecovery(
      { host: 'cmp1', node: 'cmp1', proof, lostSinceMs: proof.completedAtMs, now: Date.now() },
      systemRandomness,
    );
    await old.addRecovery(made.notification, { ...made.recovery, state: 'evacuating' });
    const [instance] = await bench.cloud.instancesOn('cmp1');
    await old.saveMoves([waitingMove(made.recovery.id, instance?.id ?? '')]);
    const second = await bench.start({ store: old });
    await second.see([up('cmp1')]);
    await eventually('it is taken as ended', () => second.engine.recoveries[0]?.recovery.state === 'failed');
    expect(second.engine.recoveries[0]?.moves).toMatchObject([{ state: 'skipped' }]);
    expect(second.engine.gateOf('cmp1', 'nova-compute').gate).toBe('open');
    expect(await bench.emulator.evacuateCalls()).toHaveLength(0);
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
