import { describe, expect, it } from 'vitest';
import { PAUSE_ATTRIBUTE, type Pause } from '../../../src/bridge/pause.ts';
import type { Cluster } from '../../../src/crm/cluster.ts';
import type { ClusterNode, ClusterSnapshot } from '../../../src/crm/snapshot.ts';
import { orderHandler } from '../../../src/daemon/order-handler.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

interface Stage {
  readonly order: ReturnType<typeof orderHandler>;
  readonly writes: (readonly unknown[])[];
  readonly engine: { pause: Pause | undefined };
  readonly woken: () => number;
}

function stage({
  pausedOn = [],
  quorate = true,
  writing = () => Promise.resolve(),
  missed = [],
}: {
  readonly pausedOn?: readonly string[];
  readonly quorate?: boolean;
  readonly writing?: () => Promise<void>;
  readonly missed?: readonly string[];
} = {}): Stage {
  const writes: (readonly unknown[])[] = [];
  let woken = 0;
  const nodes = new Map(
    ['ctl1', 'ctl2', 'ctl3'].map((name) => {
      const attributes = new Map(
        pausedOn.includes(name) ? [[PAUSE_ATTRIBUTE, 'by anna since 2026-11-25T15:03:10Z']] : [],
      );
      return [name, { name, attributes } as unknown as ClusterNode];
    }),
  );
  const engine = {
    pause: pausedOn.length > 0 ? { by: 'anna', sinceMs: 0, reason: undefined } : undefined,
    notePause(this: { pause: Pause | undefined }, pause: Pause | undefined) {
      this.pause = pause;
    },
    operator: { acknowledge: () => Promise.resolve({ outcome: 'refused', lines: ['the engine knows nothing of it'] }) },
  } as unknown as Engine & { pause: Pause | undefined };
  const cluster: Cluster = {
    read: () => Promise.reject(new Error('not here')),
    writeAttribute: async (...write) => {
      await writing();
      writes.push(write);
    },
  };
  const order = orderHandler({
    engine,
    cluster,
    clock: virtualClock(),
    logger: recordingLogger(),
    localNode: 'ctl1',
    snapshot: () => ({ nodes, quorate }) as unknown as ClusterSnapshot,
    forgetMissed: (host) => missed.includes(host),
    wake: () => (woken += 1),
  });
  return { order, writes, engine, woken: () => woken };
}

describe('an order to pause', () => {
  it('stands in the cluster, for whichever controller the engine runs on next, and holds here at once', async () => {
    const { order, writes, engine, woken } = stage();
    expect(await order({ op: 'pause', by: 'root', reason: 'a new switch' })).toMatchObject({ outcome: 'done' });
    expect(writes).toEqual([
      ['ctl1', PAUSE_ATTRIBUTE, 'by root since 2026-01-01T00:00:00Z: a new switch', 'permanent'],
    ]);
    expect(engine.pause).toMatchObject({ by: 'root', reason: 'a new switch' });
    expect(woken()).toBe(1);
  });

  it('is refused when Pacemaker does not take it, and then nothing is paused', async () => {
    const { order, engine } = stage({ writing: () => Promise.reject(new Error('no cluster')) });
    const answer = await order({ op: 'pause', by: 'root', reason: 'x' });
    expect(answer).toEqual({
      outcome: 'refused',
      lines: ['Lifeboat is not paused, for Pacemaker did not take it: no cluster'],
    });
    expect(engine.pause).toBeUndefined();
  });

  it('is refused while it is paused, with who did it', async () => {
    const { order, writes } = stage({ pausedOn: ['ctl2'] });
    const answer = await order({ op: 'pause', by: 'root', reason: 'x' });
    expect(answer.lines.join()).toContain('is paused already by anna');
    expect(writes).toEqual([]);
  });

  it('without quorum says that it may not last', async () => {
    const { order } = stage({ quorate: false });
    expect((await order({ op: 'pause', by: 'root', reason: 'x' })).lines[1]).toContain('no quorum');
  });
});

describe('an order to resume', () => {
  it('takes the pause away wherever it stands', async () => {
    const { order, writes, engine } = stage({ pausedOn: ['ctl2', 'ctl3'] });
    expect(await order({ op: 'resume', by: 'root' })).toEqual({ outcome: 'done', lines: ['Lifeboat goes on'] });
    expect(writes.map(([node, , value]) => [node, value]).toSorted()).toEqual([
      ['ctl1', undefined],
      ['ctl2', undefined],
      ['ctl3', undefined],
    ]);
    expect(engine.pause).toBeUndefined();
  });

  it('is refused when nothing is paused', async () => {
    expect(await stage().order({ op: 'resume', by: 'root' })).toEqual({
      outcome: 'refused',
      lines: ['Lifeboat is not paused'],
    });
  });

  it('leaves it paused when Pacemaker does not take it', async () => {
    const { order, engine } = stage({ pausedOn: ['ctl1'], writing: () => Promise.reject(new Error('no cluster')) });
    expect(await order({ op: 'resume', by: 'root' })).toMatchObject({ outcome: 'refused' });
    expect(engine.pause).toBeDefined();
  });
});

describe('an order to acknowledge', () => {
  it('takes a host that came back before its recovery off the list', async () => {
    const { order } = stage({ missed: ['cmp1'] });
    expect(await order({ op: 'acknowledge', target: 'cmp1', by: 'root' })).toMatchObject({ outcome: 'done' });
  });

  it('is for the engine otherwise', async () => {
    const answer = await stage().order({ op: 'acknowledge', target: 'cmp1', by: 'root' });
    expect(answer).toEqual({ outcome: 'refused', lines: ['the engine knows nothing of it'] });
  });
});
