import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/edge/clock.ts';
import { systemRandomness } from '../../../src/edge/randomness.ts';
import { askNova } from '../../../src/gate/ask-nova.ts';
import { openCloud } from '../../../src/openstack/open-cloud.ts';
import { startEmulator } from '../../emulator/index.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const MINUTE = 60_000;

/** nova-compute was heard last two minutes before the machine booted, which was five minutes ago. */
async function answerWhen(localClockIsBehindMs: number, isLoggedIn = true) {
  const clock = virtualClock();
  const cloudNow = clock.now() + localClockIsBehindMs;
  const service = {
    id: 's1',
    host: 'cmp1',
    zone: 'nova',
    status: 'enabled',
    state: 'down',
    forcedDown: false,
    disabledReason: undefined,
    updatedAtMs: cloudNow - 7 * MINUTE,
  } as const;
  const cloud = {
    computeServices: () => Promise.resolve([service]),
    evacuationsFrom: () => Promise.resolve([]),
    timeMs: () => (isLoggedIn ? cloudNow : undefined),
  };
  return askNova({ cloud, clock, bootedAtMs: () => clock.now() - 5 * MINUTE }, 'cmp1', 'nova-compute');
}

describe('the gate, when Nova is asked by a machine that has booted', () => {
  it.each([0, 10 * MINUTE, 24 * 60 * MINUTE, -10 * MINUTE])(
    'is in doubt, though the clock of the machine is %i ms behind',
    async (behindMs) => {
      expect((await answerWhen(behindMs)).gate).toBe('unknown');
    },
  );

  it('is in doubt when the time of the cloud is not known', async () => {
    expect((await answerWhen(0, false)).gate).toBe('unknown');
  });

  it('has the time of the cloud from its login, whatever its own clock says', async ({ onTestFinished }) => {
    const emulator = await startEmulator({});
    onTestFinished(() => emulator.close());
    const cloud = await openCloud({
      source: { kind: 'environment', variables: emulator.environment },
      clock: { ...systemClock, now: () => 0 },
      randomness: systemRandomness,
      logger: recordingLogger(),
    });
    expect(cloud.timeMs()).toBeUndefined();
    await cloud.computeServices();
    expect(Math.abs((cloud.timeMs() ?? 0) - Date.now())).toBeLessThan(10_000);
    cloud.close();
  });
});
