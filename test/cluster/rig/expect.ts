import { expect } from 'vitest';
import type { RecoveryStatus, Status } from '../../../src/control/protocol.ts';
import { eventually } from '../../support/eventually.ts';
import type { Rig } from './rig.ts';

export interface Within {
  readonly withinMs?: number;
}

/** Waits until the newest recovery of the host is in one of the states, and answers with it. */
export async function recoveryIn(
  rig: Rig,
  host: string,
  states: readonly RecoveryStatus['state'][],
  { withinMs = 60_000 }: Within = {},
): Promise<RecoveryStatus> {
  let last: Status | undefined;
  return eventually(
    `the recovery of ${host} is ${states.join(' or ')}`,
    async () => {
      last = await rig.status();
      const recovery = last?.recoveries.find((each) => each.host === host);
      return recovery !== undefined && states.includes(recovery.state) ? recovery : undefined;
    },
    { withinMs, everyMs: 200 },
  ).catch(async (error: unknown) => {
    throw new Error(`${String(error)}\n${JSON.stringify(last, null, 1)}\n${(await rig.log()).slice(-6_000)}`);
  });
}

/** Waits until the engine says that the host is held for this reason, and answers with what it says. */
export async function heldFor(
  rig: Rig,
  host: string,
  kind: string,
  { withinMs = 60_000 }: Within = {},
): Promise<Status['holds'][number]> {
  let last: Status | undefined;
  return eventually(
    `${host} is held: ${kind}`,
    async () => {
      last = await rig.status();
      return last?.holds.find((hold) => hold.host === host && hold.kind === kind);
    },
    { withinMs, everyMs: 200 },
  ).catch(async (error: unknown) => {
    throw new Error(`${String(error)}\n${JSON.stringify(last, null, 1)}\n${(await rig.log()).slice(-6_000)}`);
  });
}

/** Every instance that was on the host runs elsewhere, was evacuated once, and never ran on two hosts. */
export async function expectRecoveredOnce(rig: Rig, host: string, instanceIds: readonly string[]): Promise<void> {
  const { instances } = await rig.cloud.state();
  const mine = instances.filter(({ id }) => instanceIds.includes(id));
  expect(mine.map(({ vmState }) => vmState)).toEqual(instanceIds.map(() => 'active'));
  expect(mine.filter((instance) => instance.host === host)).toEqual([]);
  const calls = (await rig.cloud.evacuateCalls()).filter(({ sourceHost }) => sourceHost === host);
  const sent = calls.map(({ instanceId }) => instanceId).filter((id) => instanceIds.includes(id));
  expect(sent.toSorted()).toEqual([...instanceIds].toSorted());
  expect(await rig.cloud.doubleRuns()).toEqual([]);
  const firstSentMs = Math.min(
    ...calls.filter(({ instanceId }) => instanceIds.includes(instanceId)).map(({ atMs }) => atMs),
  );
  const offBefore = rig.lab
    .powerLog()
    .filter(({ node, event, atMs }) => node === host && event === 'off-done' && atMs <= firstSentMs);
  expect(offBefore, `${host} was without power before its first evacuation`).not.toEqual([]);
}

/** Nothing was done: no evacuation, no host forced down or disabled, no recovery, nothing held. */
export async function expectNothingHappened(rig: Rig): Promise<void> {
  expect(await rig.cloud.evacuateCalls()).toEqual([]);
  const { hosts } = await rig.cloud.state();
  expect(hosts.filter(({ forcedDown, status }) => forcedDown || status === 'disabled')).toEqual([]);
  const status = await rig.status();
  expect(status?.recoveries).toEqual([]);
}

/** The engine has looked at the cluster at least twice since now, with nothing left to do in Pacemaker. */
export async function engineHasLooked(rig: Rig): Promise<void> {
  await rig.lab.waitIdle();
  for (let look = 0; look < 2; look += 1) {
    const node = await eventually('the engine runs', () => rig.engineNode(), { withinMs: 60_000, everyMs: 200 });
    await rig.lab.exec(node, ['lifeboat', 'wake']);
    await eventually('a fresh snapshot', async () => ((await rig.status())?.snapshotAgeMs ?? Infinity) < 1_000, {
      withinMs: 30_000,
      everyMs: 100,
    });
  }
}

/** Waits until the host is given back, online, and Pacemaker has nothing left to do. */
export async function backInService(rig: Rig, host: string): Promise<void> {
  await recoveryIn(rig, host, ['released'], { withinMs: 90_000 });
  await rig.lab.waitOnline();
  await rig.lab.waitIdle();
}
