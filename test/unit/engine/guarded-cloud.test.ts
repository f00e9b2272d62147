import { describe, expect, it } from 'vitest';
import { guardedCloud, guardedInventory } from '../../../src/engine/guarded-cloud.ts';
import { LifeboatError } from '../../../src/errors.ts';
import type { Cloud } from '../../../src/openstack/cloud.ts';
import type { Inventory } from '../../../src/openstack/inventory.ts';

const CHANGES = ['setForcedDown', 'disableService', 'enableService', 'evacuate', 'resetState', 'act'] as const;

function recordingCloud(): { readonly cloud: Cloud; readonly calls: readonly string[] } {
  const calls: string[] = [];
  const cloud = new Proxy({} as Cloud, {
    get: (_, verb) => async () => {
      calls.push(String(verb));
    },
  });
  return { cloud, calls };
}

type Verb = (...args: unknown[]) => Promise<unknown>;

describe('the cloud of an engine', () => {
  const refuse = (): never => {
    throw new LifeboatError('LEASE_LAPSED', 'the lease has lapsed');
  };

  it.each(CHANGES)('takes no %s without the lease (S5)', async (verb) => {
    const { cloud, calls } = recordingCloud();
    const guarded = guardedCloud(cloud, refuse);
    await expect((guarded[verb] as Verb)('x', 'y')).rejects.toMatchObject({ code: 'LEASE_LAPSED' });
    expect(calls).toEqual([]);
  });

  it.each(CHANGES)('takes %s with the lease, asked at that moment', async (verb) => {
    const { cloud, calls } = recordingCloud();
    let asked = 0;
    const guarded = guardedCloud(cloud, () => (asked += 1));
    await (guarded[verb] as Verb)('x', 'y');
    expect([asked, calls]).toEqual([1, [verb]]);
  });

  it.each(['computeServices', 'instancesOn', 'instance', 'evacuationsFrom', 'lastAction'] as const)(
    'is read (%s) without the lease',
    async (verb) => {
      const { cloud, calls } = recordingCloud();
      await (guardedCloud(cloud, refuse)[verb] as Verb)('x');
      expect(calls).toEqual([verb]);
    },
  );

  it('changes no aggregate without the lease, and shows what it holds (S5)', async () => {
    const { cloud, calls } = recordingCloud();
    const guarded = guardedInventory(cloud as unknown as Inventory, refuse);
    await expect(guarded.addToAggregate('1', 'cmp1')).rejects.toMatchObject({ code: 'LEASE_LAPSED' });
    await expect(guarded.removeFromAggregate('1', 'cmp1')).rejects.toMatchObject({ code: 'LEASE_LAPSED' });
    await guarded.aggregates();
    expect(calls).toEqual(['aggregates']);
  });

  it('takes nothing that nobody has said to be harmless', async () => {
    const { cloud } = recordingCloud();
    const guarded = guardedCloud(cloud, refuse) as unknown as Readonly<Record<string, Verb>>;
    await expect(guarded['constructor']?.()).rejects.toMatchObject({ code: 'LEASE_LAPSED' });
    await expect(guarded['somethingNew']?.()).rejects.toMatchObject({ code: 'LEASE_LAPSED' });
  });
});
