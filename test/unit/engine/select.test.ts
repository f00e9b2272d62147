import { describe, expect, it } from 'vitest';
import { NOT_READ, reasonToLeave, type Selection, type Tagged } from '../../../src/engine/select.ts';
import type { Instance } from '../../../src/openstack/cloud.ts';
import { engineBench, inventoryOf, proven, untilRecovery, up } from './bench.ts';

const SELECTION: Selection = {
  select: 'tagged',
  markKey: 'HA_Enabled',
  tag: 'evacuable',
  excludeNames: [],
  excludeProjects: [],
};

function reason(instance: Partial<Instance>, tagged: Partial<Tagged> = {}): string | undefined {
  const whole = { name: 'vm', projectId: 'p', metadata: {}, ...instance } as unknown as Instance;
  const image = { id: 'img', properties: { evacuable: 'True' }, tags: [] };
  const byTag = { id: 'tag', properties: {}, tags: ['evacuable'] };
  const images = new Map([image, byTag].map((each) => [each.id, each]));
  return reasonToLeave(whole, SELECTION, { anything: true, image: (id) => images.get(id), ...tagged });
}

describe('the selection by tag', () => {
  it('takes what has a tagged flavor, or an image with the property or the tag', () => {
    expect(reason({ flavorSpecs: { evacuable: 'true' } })).toBeUndefined();
    expect(reason({ imageId: 'img' })).toBeUndefined();
    expect(reason({ imageId: 'tag' })).toBeUndefined();
  });

  it('leaves what has neither, as soon as anything in the cloud is tagged', () => {
    const words = 'neither its flavor nor its image is tagged evacuable';
    expect(reason({ flavorSpecs: { evacuable: 'false' }, imageId: 'other' })).toBe(words);
    expect(reason({ imageId: undefined })).toBe(words);
  });

  it('takes everything where nothing is tagged, and while that is not known', () => {
    expect(reason({}, { anything: false })).toBeUndefined();
    expect(reason({}, NOT_READ)).toBeUndefined();
  });
});

describe('a recovery by tag', () => {
  it.concurrent('moves what is tagged, and says why the rest stays', async ({ onTestFinished }) => {
    const { emulator, start } = await engineBench(onTestFinished, { instances: 0 });
    const imageId = await emulator.addImage({ tags: ['evacuable'] });
    await emulator.addInstance({ host: 'cmp1', name: 'by-flavor', extraSpecs: { evacuable: 'true' } });
    await emulator.addInstance({ host: 'cmp1', name: 'by-image', imageId });
    await emulator.addInstance({ host: 'cmp1', name: 'plain' });
    await emulator.killHost('cmp1');
    // It has not seen a quiet moment: flavors and images are read beside the isolation of the host.
    const running = await start({ more: { inventory: await inventoryOf(emulator), selection: SELECTION } });
    await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1')]);
    const moves = running.engine.recoveries[0]?.moves.map(({ name, state }) => `${name} ${state}`) ?? [];
    expect(moves.toSorted()).toEqual(['by-flavor done', 'by-image done', 'plain skipped']);
    await running.stop();
  });

  it.concurrent('does not wait long for a Glance that is slow', async ({ onTestFinished }) => {
    const { emulator, start } = await engineBench(onTestFinished, { instances: 1 });
    await emulator.fault({ route: 'images.list', effect: { kind: 'delay', ms: 5_000 } });
    await emulator.killHost('cmp1');
    const inventory = await inventoryOf(emulator, 20_000);
    const running = await start({ more: { inventory, selection: SELECTION } });
    const began = performance.now();
    await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1')]);
    expect(performance.now() - began).toBeLessThan(4_500);
    await running.stop();
  });

  it.concurrent('moves everything while Glance does not answer', async ({ onTestFinished }) => {
    const { emulator, start, logger } = await engineBench(onTestFinished, { instances: 1 });
    await emulator.addInstance({ host: 'cmp1', name: 'by-flavor', extraSpecs: { evacuable: 'true' } });
    await emulator.fault({ route: 'images.list', effect: { kind: 'status', status: 503 } });
    await emulator.killHost('cmp1');
    const running = await start({ more: { inventory: await inventoryOf(emulator), selection: SELECTION } });
    await running.see([up('cmp2')]);
    await untilRecovery(running, 'cmp1', 'recovered', [proven('cmp1')]);
    expect(await emulator.evacuateCalls()).toHaveLength(2);
    expect(logger.lines.filter((line) => line.includes('flavors and images cannot be read'))).toHaveLength(1);
    await running.stop();
  });
});
