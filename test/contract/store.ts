import { describe, expect, it, onTestFinished } from 'vitest';
import type { Move } from '../../src/engine/move.ts';
import { newRecovery, type OwedRecovery } from '../../src/engine/rebuild.ts';
import type { Store } from '../../src/engine/store/store.ts';
import type { Suspect } from '../../src/engine/suspect.ts';
import { chanceFrom } from '../../src/simulation/chance.ts';

/** A store that can be opened again after it was closed, with what it then holds. */
export type OpenStore = () => Promise<Store>;

/** What the engine relies on in a store. `place` makes an empty one. */
export function storeContract(name: string, place: () => Promise<OpenStore>): void {
  describe(`the store contract: ${name}`, () => {
    const chance = chanceFrom(name);
    const owed = (host = 'cmp1', completedAtMs = 1_000_000, now = 2): OwedRecovery => {
      const id = `${host}:${completedAtMs / 1000}`;
      const proof = { id, node: host, kind: 'fenced', action: 'reboot', completedAtMs, by: 'ctl2' } as const;
      const evidence = ['history'] as const;
      const loss = { host, node: host, proof: { ...proof, origin: 'ctl1', evidence }, lostSinceMs: 1, now };
      return newRecovery(loss, chance);
    };
    const moveOf = ({ recovery }: OwedRecovery, label: string, change: Partial<Move> = {}): Move => ({
      id: `${recovery.id}-${label}`,
      recoveryId: recovery.id,
      instanceId: `instance-${label}`,
      name: label,
      state: 'waiting',
      reason: undefined,
      sourceHost: recovery.host,
      targetHost: undefined,
      formerVmState: 'active',
      wantedState: 'active',
      failures: 0,
      pastEvacuationId: 0,
      sentAtMs: undefined,
      acceptedAtMs: undefined,
      endedAtMs: undefined,
      ...change,
    });
    const suspect: Suspect = {
      host: 'cmp2',
      node: 'cmp2',
      serviceId: 'id',
      wasDisabled: false,
      sinceMs: 7,
      isolated: false,
    };

    const opened = async (): Promise<{ readonly store: Store; readonly again: OpenStore }> => {
      const open = await place();
      const store = await open();
      onTestFinished(() => store.close());
      const again: OpenStore = async () => {
        await store.close();
        const next = await open();
        onTestFinished(() => next.close());
        return next;
      };
      return { store, again };
    };

    it('gives back what was written, also when it was closed and opened again', async () => {
      const { store, again } = await opened();
      const one = owed();
      expect(await store.addRecovery(one.notification, one.recovery)).toBe('added');
      await store.saveMoves([moveOf(one, 'b'), moveOf(one, 'a')]);
      await store.saveSuspect(suspect);
      const next = await again();
      expect(await next.openRecoveries()).toEqual([one.recovery]);
      expect(await next.movesOf(one.recovery.id)).toEqual([moveOf(one, 'a'), moveOf(one, 'b')]);
      expect(await next.suspects()).toEqual([suspect]);
    });

    it('takes one proof once, whoever comes second', async () => {
      const { store } = await opened();
      const [first, second] = [owed(), owed()];
      expect(await store.addRecovery(first.notification, first.recovery)).toBe('added');
      expect(await store.addRecovery(second.notification, second.recovery)).toBe('known');
      expect(await store.addNotification(owed().notification)).toBe('known');
      expect(await store.openRecoveries()).toEqual([first.recovery]);
    });

    it('keeps the newest of what was saved, and changes nothing that it does not have', async () => {
      const { store, again } = await opened();
      const [known, strange] = [owed('cmp1'), owed('cmp2')];
      await store.addRecovery(known.notification, known.recovery);
      const isolation = { serviceId: 's', wasDisabled: true, baselineUpdatedAtMs: 5, baselineReadAtMs: 6 };
      const hold = { kind: 'no-quorum', reason: 'no quorum', remedy: undefined } as const;
      const held = { ...known.recovery, state: 'held', hold, resumeTo: 'isolating', reason: 'so', isolation } as const;
      await store.saveRecovery(held);
      await store.saveRecovery(strange.recovery);
      const moved = moveOf(known, 'a', { state: 'accepted', targetHost: 'cmp3', sentAtMs: 8, acceptedAtMs: 9 });
      await store.saveMoves([moveOf(known, 'a')]);
      await store.saveMoves([moved]);
      const next = await again();
      expect(await next.recoveries(10)).toEqual([{ ...held, isolation: { ...isolation, aliveSinceMs: undefined } }]);
      expect(await next.movesOf(known.recovery.id)).toEqual([moved]);
    });

    it('calls open what has work to do or keeps a host out, oldest first', async () => {
      const { store } = await opened();
      const all = ['recovered', 'superseded', 'failed', 'released', 'evacuating'] as const;
      for (const [index, state] of all.entries()) {
        const each = owed(`cmp${index}`, 1_000_000, 100 - index);
        await store.addRecovery(each.notification, { ...each.recovery, state });
      }
      const open = (await store.openRecoveries()).map(({ host }) => host);
      expect(open).toEqual(['cmp4', 'cmp2', 'cmp0']);
      expect((await store.recoveries(2)).map(({ host }) => host)).toEqual(['cmp0', 'cmp1']);
    });

    it('forgets a suspect that was removed, and one that it never had', async () => {
      const { store } = await opened();
      await store.saveSuspect(suspect);
      await store.saveSuspect({ ...suspect, isolated: true });
      expect(await store.suspects()).toEqual([{ ...suspect, isolated: true }]);
      await store.removeSuspect('cmp9');
      await store.removeSuspect(suspect.host);
      expect(await store.suspects()).toEqual([]);
    });

    it('has no moves of a recovery that it does not know, and takes an empty list of them', async () => {
      const { store } = await opened();
      await store.saveMoves([]);
      expect(await store.movesOf('nobody')).toEqual([]);
    });
  });
}
