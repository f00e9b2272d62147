import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodesWithPause, PAUSE_ATTRIBUTE, pauseIn, pauseText } from '../../../src/bridge/pause.ts';
import type { ClusterNode, ClusterSnapshot } from '../../../src/crm/snapshot.ts';

function withAttribute(value: string | undefined, online = true): Pick<ClusterSnapshot, 'nodes'> {
  const attributes = new Map(value === undefined ? [] : [[PAUSE_ATTRIBUTE, value]]);
  return { nodes: new Map([['ctl1', { name: 'ctl1', online, attributes } as unknown as ClusterNode]]) };
}

const PAUSE = { by: 'root', sinceMs: Date.UTC(2026, 10, 25, 15, 3, 10), reason: 'a new switch: both sides' };

describe('a pause', () => {
  it('is read back from what is written, with who, when and why', () => {
    expect(pauseText(PAUSE)).toBe('by root since 2026-11-25T15:03:10Z: a new switch: both sides');
    expect(pauseIn(withAttribute(pauseText(PAUSE)))).toEqual(PAUSE);
  });

  it('stands also when the node that it was written on is gone', () => {
    const snapshot = withAttribute(pauseText(PAUSE), false);
    expect(pauseIn(snapshot)).toEqual(PAUSE);
    expect(nodesWithPause(snapshot)).toEqual(['ctl1']);
  });

  it('is not there without the attribute, or when somebody set it to false', () => {
    expect(pauseIn(withAttribute(undefined))).toBeUndefined();
    for (const word of ['false', 'no', 'OFF', '0']) expect(pauseIn(withAttribute(word)), word).toBeUndefined();
  });

  it('is whatever else somebody wrote there by hand: in doubt nothing is done', () => {
    expect(pauseIn(withAttribute('true'))).toEqual({ by: 'somebody', sinceMs: undefined, reason: 'true' });
    expect(pauseIn(withAttribute(''))).toEqual({ by: 'somebody', sinceMs: undefined, reason: undefined });
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!/^(false|off|no|0)$/i.test(text));
        expect(pauseIn(withAttribute(text))).toBeDefined();
      }),
    );
  });
});
