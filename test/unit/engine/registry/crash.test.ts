import { describe, expect, it } from 'vitest';
import { isLifeboatError } from '../../../../src/errors.ts';
import type { NewNotification } from '../../../../src/engine/registry/registry.ts';
import type { Cloud } from '../../../../src/openstack/cloud.ts';
import type { Store } from '../../../../src/engine/store/store.ts';
import { memoryDisk } from '../../../../src/engine/store/memory-store.ts';
import { mortal } from '../mortal.ts';
import { ALL, hostOf, registryBench, reportOf, segmentOf, vmReport } from './bench.ts';

/** More than the calls to the store of the whole story: at the last points nobody is killed. */
const KILL_POINTS = 30;
const REPORTS: readonly NewNotification[] = [vmReport('cmp1'), reportOf('cmp1'), vmReport('cmp2', 'i-2')];

describe('an engine that is killed while somebody reports', () => {
  for (const moment of ['before', 'after'] as const) {
    it(`just ${moment} any call to its store has lost nothing that it answered, and takes what is sent again once (S4)`, async () => {
      let wasKilled = 0;
      for (let dieAt = 1; dieAt <= KILL_POINTS; dieAt += 1) {
        const disk = memoryDisk();
        let isDead = (): boolean => false;
        const wrap = (store: Store): Store => {
          const doomed = mortal({} as Cloud, store, dieAt, moment);
          isDead = doomed.isDead;
          return doomed.store;
        };
        const answered: string[] = [];
        const story = async (): Promise<void> => {
          const first = await registryBench({ disk, wrap });
          const { uuid } = await first.registry.addSegment(segmentOf('rack'));
          answered.push(uuid);
          for (const host of ['cmp1', 'cmp2']) answered.push((await first.registry.addHost(uuid, hostOf(host))).uuid);
          for (const report of REPORTS) answered.push((await first.registry.notify(report)).uuid);
        };
        let isOver = false;
        void story()
          .catch(() => undefined)
          .then(() => (isOver = true));
        while (!isOver && !isDead()) await new Promise((resolve) => setImmediate(resolve));
        if (isDead()) wasKilled += 1;

        const next = await registryBench({ disk });
        const there = [...disk.stamps.keys(), ...disk.notices.keys()];
        expect(there, `killed at ${dieAt}`).toEqual(expect.arrayContaining(answered));
        const [rack] = (await next.registry.segments(ALL)).filter(({ name }) => name === 'rack');
        const uuid = rack?.uuid ?? (await next.registry.addSegment(segmentOf('rack'))).uuid;
        for (const host of ['cmp1', 'cmp2']) await next.registry.addHost(uuid, hostOf(host)).catch(ifThere);
        for (const report of REPORTS) await next.registry.notify(report).catch(ifThere);
        const all = await next.registry.notifications(ALL);
        expect(all.map(({ type }) => type).toSorted(), `killed at ${dieAt}`).toEqual(['COMPUTE_HOST', 'VM', 'VM']);
        expect(await next.notices.unfinished(['VM'])).toHaveLength(2);
        next.pass(600_000);
        await next.claims.settle();
        expect(all.length - (await next.notices.unfinished(['VM', 'COMPUTE_HOST'])).length, 'the claim has ended').toBe(
          1,
        );
      }
      expect(wasKilled).toBeGreaterThan(12);
      expect(wasKilled).toBeLessThan(KILL_POINTS);
    });
  }
});

/** It was written though its answer was lost: 409 says so. */
function ifThere(error: unknown): void {
  if (!isLifeboatError(error, 'REGISTRY_CONFLICT')) throw error;
}
