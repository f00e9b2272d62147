import { describe, expect, it } from 'vitest';
import { createBmc } from './bmc.ts';
import type { Power, PowerEvent } from './bmc-protocol.ts';
import { parseBmcMode } from './bmc-mode.ts';
import { waitFor } from './wait.ts';

/** A BMC on two nodes that are only a note of their power. */
function bench() {
  const power = new Map<string, Power>([
    ['cmp1', 'on'],
    ['cmp2', 'on'],
  ]);
  const events: Omit<PowerEvent, 'atMs'>[] = [];
  const bmc = createBmc(
    {
      nodes: [...power.keys()],
      powerOf: (node) => power.get(node) ?? 'off',
      cut: async (node) => void power.set(node, 'off'),
      start: async (node) => void power.set(node, 'on'),
    },
    (event) => events.push(event),
  );
  const happened = (): readonly string[] => events.map(({ node, event }) => `${node} ${event}`);
  return { bmc, power, happened };
}

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const mark = Symbol('pending');
  return (await Promise.race([promise, new Promise((resolve) => setImmediate(resolve, mark))])) === mark;
}

describe('the virtual BMC', () => {
  it('reboots: off, on, and only then the answer', async () => {
    const { bmc, happened } = bench();
    expect(await bmc.ask({ op: 'reboot', node: 'cmp1' })).toEqual({ ok: true, power: 'on' });
    expect(happened()).toEqual(
      ['request', 'off-begin', 'off-done', 'on-begin', 'on-done', 'answer'].map((e) => `cmp1 ${e}`),
    );
  });

  it('fails for one node and works for the other, and for a hand at the machine', async () => {
    const { bmc, power } = bench();
    await bmc.ask({ op: 'mode', node: 'cmp1', mode: 'fail' });
    expect(await bmc.ask({ op: 'off', node: 'cmp1' })).toMatchObject({ ok: false });
    expect(await bmc.ask({ op: 'off', node: 'cmp2' })).toEqual({ ok: true, power: 'off' });
    expect(power.get('cmp1')).toBe('on');
    await bmc.ask({ op: 'off', node: 'cmp1', by: 'hand' });
    expect(power.get('cmp1')).toBe('off');
  });

  it('says that it did it, and keeps saying so, while it lies', async () => {
    const { bmc, power, happened } = bench();
    await bmc.ask({ op: 'mode', node: '*', mode: 'lie' });
    expect(await bmc.ask({ op: 'off', node: 'cmp1' })).toEqual({ ok: true });
    expect(await bmc.ask({ op: 'status', node: 'cmp1' })).toEqual({ ok: true, power: 'off' });
    expect(power.get('cmp1')).toBe('on');
    expect(happened()).not.toContain('cmp1 off-begin');
  });

  it('leaves a node off after a reboot that does not restart it', async () => {
    const { bmc, power } = bench();
    await bmc.ask({ op: 'mode', node: 'cmp1', mode: 'norestart' });
    expect(await bmc.ask({ op: 'reboot', node: 'cmp1' })).toEqual({ ok: true, power: 'off' });
    expect(await bmc.ask({ op: 'on', node: 'cmp1' })).toMatchObject({ ok: false });
    expect(power.get('cmp1')).toBe('off');
  });

  it('keeps a hung request and does it when the mode changes', async () => {
    const { bmc, power } = bench();
    await bmc.ask({ op: 'mode', node: 'cmp1', mode: 'hang' });
    const answer = bmc.ask({ op: 'off', node: 'cmp1' });
    expect(await isPending(answer)).toBe(true);
    expect(power.get('cmp1')).toBe('on');
    await bmc.ask({ op: 'mode', node: '*', mode: 'ok' });
    expect(await answer).toEqual({ ok: true, power: 'off' });
  });

  it('answers late requests never and does them once, also when the mode is another by then', async () => {
    const { bmc, happened, power } = bench();
    await bmc.ask({ op: 'mode', node: 'cmp1', mode: 'late:0.05' });
    const answers = [bmc.ask({ op: 'off', node: 'cmp1' }), bmc.ask({ op: 'off', node: 'cmp1' })];
    await bmc.ask({ op: 'mode', node: 'cmp1', mode: 'ok' });
    await waitFor('the late act', () => power.get('cmp1') === 'off', { deadlineMs: 5000, everyMs: 5 });
    expect(await isPending(Promise.race(answers))).toBe(true);
    expect(happened().filter((event) => event === 'cmp1 off-begin')).toHaveLength(1);
  });

  it('does what is asked of one node one after the other', async () => {
    const { bmc, happened } = bench();
    await Promise.all([
      bmc.ask({ op: 'reboot', node: 'cmp1', by: 'hand' }),
      bmc.ask({ op: 'off', node: 'cmp1', by: 'hand' }),
    ]);
    const first = ['off-begin', 'off-done', 'on-begin', 'on-done'];
    expect(happened()).toEqual([...first, 'off-begin', 'off-done'].map((event) => `cmp1 ${event}`));
  });

  it.each(['', 'slow', 'slow:', 'slow:-1', 'late:x', 'OK', 'lie:3'])(
    'refuses the mode "%s" and names those there are',
    (text) => {
      expect(() => parseBmcMode(text)).toThrow(/no mode of the BMC; there are ok, fail/);
    },
  );

  it('refuses a node it does not know', async () => {
    const { bmc } = bench();
    await expect(bmc.ask({ op: 'off', node: 'cmp9' })).rejects.toMatchObject({ kind: 'unknown-node' });
  });
});
