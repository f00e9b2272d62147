import { describe, expect, it } from 'vitest';
import { LifeboatError } from '../../../src/errors.ts';
import type { Cloud } from '../../../src/openstack/cloud.ts';
import { openStage, type Stage } from './stage.ts';

/** Passes for so many times, and then never again. */
function passing(times: number): { readonly beforeChange: () => void; readonly asked: () => number } {
  let asked = 0;
  const beforeChange = (): void => {
    asked += 1;
    if (asked > times) throw new LifeboatError('LEASE_LAPSED', 'the lease has lapsed');
  };
  return { beforeChange, asked: () => asked };
}

async function changesSeen(stage: Stage): Promise<readonly string[]> {
  return (await stage.seen()).filter((line) => line.startsWith('PUT') || line.startsWith('action'));
}

const ACTIONS: readonly (readonly [string, (cloud: Cloud, id: string) => Promise<unknown>])[] = [
  ['evacuate', (cloud, id) => cloud.evacuate(id, undefined)],
  ['resetState', (cloud, id) => cloud.resetState(id)],
  ['act', (cloud, id) => cloud.act(id, 'start')],
];

describe('what changes something in Nova', () => {
  it.each(ACTIONS)('(%s) does not leave when the right to it is lost while it connects (S5)', async (_, send) => {
    const { beforeChange, asked } = passing(1);
    await using stage = await openStage({ beforeChange });
    const id = await stage.emulator.addInstance({ host: 'c1', name: 'web' });
    await stage.cloud.warmUp();
    await expect(send(stage.cloud, id)).rejects.toMatchObject({ code: 'LEASE_LAPSED' });
    expect(asked()).toBe(2);
    expect(await changesSeen(stage)).toEqual([]);
  });

  it('does not leave a second time when the right to it is lost between two tries', async () => {
    const { beforeChange } = passing(1);
    await using stage = await openStage({ beforeChange });
    const [service] = await stage.cloud.computeServices();
    await stage.emulator.fault({ route: 'services.update', effect: { kind: 'status', status: 503 } });
    const put = stage.cloud.setForcedDown(service?.id ?? '', true);
    await expect(put).rejects.toMatchObject({ code: 'LEASE_LAPSED' });
    expect(await changesSeen(stage)).toEqual(['PUT os-services 503']);
  });

  it('leaves when it is asked each time and nothing is against it; reading asks nobody', async () => {
    const { beforeChange, asked } = passing(100);
    await using stage = await openStage({ beforeChange });
    const id = await stage.emulator.addInstance({ host: 'c1', name: 'web' });
    const [service] = await stage.cloud.computeServices();
    expect(asked()).toBe(0);
    expect(await stage.cloud.setForcedDown(service?.id ?? '', true)).toMatchObject({ forcedDown: true });
    const before = asked();
    await stage.emulator.killHost('c1');
    await stage.cloud.evacuate(id, undefined);
    expect(asked()).toBe(before + 2);
    expect(await stage.emulator.evacuateCalls()).toHaveLength(1);
  });
});
