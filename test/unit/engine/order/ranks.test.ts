import { describe, expect, it } from 'vitest';
import { describeOrder } from '../../../../src/engine/order/describe-order.ts';
import { inOrder } from '../../../../src/engine/order/in-order.ts';
import { weightOf, type Rank } from '../../../../src/engine/order/rank.ts';
import { ranksOf } from '../../../../src/engine/order/ranks.ts';
import { USUAL_ORDER, type OrderRules } from '../../../../src/engine/order/rules.ts';
import type { Move } from '../../../../src/engine/move.ts';
import type { Instance } from '../../../../src/openstack/cloud.ts';

type Wish = Partial<Pick<Instance, 'metadata' | 'flavorSpecs' | 'imageId' | 'projectId'>>;

function rankOf(wish: Wish, rules: Partial<OrderRules> = {}): Rank {
  const ranks = allRanks([wish], rules);
  return ranks[0] ?? { priority: 0, marked: false, group: undefined, after: [] };
}

function allRanks(wishes: readonly Wish[], rules: Partial<OrderRules> = {}): readonly Rank[] {
  const instances = wishes.map((wish, index) => ({ id: String(index), metadata: {}, projectId: 'p', ...wish }));
  const found = ranksOf(instances as unknown as readonly Instance[], {
    rules: { ...USUAL_ORDER, ...rules },
    markKey: 'HA_Enabled',
    imageProperties: (id) => (id === 'gold' ? { 'lifeboat:priority': '800' } : undefined),
  });
  return [...found.values()];
}

const of = (text: string): Wish => ({ metadata: { 'lifeboat:priority': text } });

describe('the priority of an instance', () => {
  it('is 500 when nothing says it', () => {
    expect(rankOf({})).toEqual({ priority: 500, marked: false, group: undefined, after: [] });
  });

  it('is read from the metadata, then from the flavor, then from the project', () => {
    const flavorSpecs = { 'lifeboat:priority': '700' };
    const projects = { p: 600 };
    expect(rankOf({ ...of('900'), flavorSpecs }, { projects }).priority).toBe(900);
    expect(rankOf({ flavorSpecs }, { projects }).priority).toBe(700);
    expect(rankOf({}, { projects }).priority).toBe(600);
  });

  it('is read from the image only when that is among the sources', () => {
    expect(rankOf({ imageId: 'gold' }).priority).toBe(500);
    expect(rankOf({ imageId: 'gold' }, { sources: ['image'] }).priority).toBe(800);
    expect(rankOf({ imageId: 'unknown' }, { sources: ['image'] }).priority).toBe(500);
  });

  it('is not read from the metadata when owners are not to decide', () => {
    expect(rankOf(of('1000'), { sources: ['flavor'] }).priority).toBe(500);
  });

  it('is read from the key of RHOSO where ours is not given', () => {
    const metadata = { 'instanceha:restart_priority': '100', 'instanceha:restart_group': 'db' };
    expect(rankOf({ metadata })).toMatchObject({ priority: 100, group: 'db' });
    expect(rankOf({ metadata: { ...metadata, 'lifeboat:priority': '7' } }).priority).toBe(7);
  });

  it.each([
    ['0', 1],
    ['-5', 1],
    ['5000', 1000],
    [' 42 ', 42],
    ['many', 500],
    ['1.5', 500],
    ['', 500],
    ['99999999999999999999', 500],
  ])('of the text %j is %i', (text, priority) => {
    expect(rankOf(of(text)).priority).toBe(priority);
  });

  it('does not take the name of a property of every object for a project', () => {
    expect(rankOf({ projectId: 'constructor' }).priority).toBe(500);
  });
});

describe('a group', () => {
  it('is as important as its most important member', () => {
    const [low, high, other] = allRanks([
      { metadata: { 'lifeboat:group': 'db', 'lifeboat:priority': '10' } },
      { metadata: { 'lifeboat:group': 'db', 'lifeboat:priority': '900' } },
      { metadata: {} },
    ]);
    expect([low?.priority, high?.priority, other?.priority]).toEqual([900, 900, 500]);
  });

  it('is as important as what starts after it, over any number of groups', () => {
    const ranks = allRanks([
      { metadata: { 'lifeboat:group': 'disk' } },
      { metadata: { 'lifeboat:group': 'db', 'lifeboat:start_after': 'disk' } },
      { metadata: { 'lifeboat:priority': '800', 'lifeboat:start_after': ' db, , db ' } },
    ]);
    expect(ranks.map(({ priority }) => priority)).toEqual([800, 800, 800]);
    expect(ranks[2]?.after).toEqual(['db']);
  });

  it('that waits for one that waits for it has a priority all the same', () => {
    const ranks = allRanks([
      { metadata: { 'lifeboat:group': 'a', 'lifeboat:start_after': 'b', 'lifeboat:priority': '600' } },
      { metadata: { 'lifeboat:group': 'b', 'lifeboat:start_after': 'a' } },
    ]);
    expect(ranks.map(({ priority }) => priority)).toEqual([600, 600]);
  });
});

describe('the order', () => {
  const move = (name: string, rank: Rank | undefined): Move => ({ name, rank }) as unknown as Move;

  it('has the most important first, and the marked ones first among equals', () => {
    const [marked, plain, important] = allRanks([{ metadata: { HA_Enabled: 'True' } }, {}, of('501')]);
    const moves = [move('plain', plain), move('old', undefined), move('marked', marked), move('top', important)];
    expect(inOrder(moves).map(({ name }) => name)).toEqual(['top', 'marked', 'plain', 'old']);
    expect(weightOf(rankOf({ metadata: { HA_Enabled: 'True' } }))).toBeLessThan(weightOf(rankOf(of('501'))));
  });

  it('is told in one line, and not at all when all are alike', () => {
    expect(describeOrder([move('a', undefined), move('b', rankOf({}))])).toBeUndefined();
    expect(describeOrder([])).toBeUndefined();
    const many = Array.from({ length: 12 }, (_, index) => move(`vm-${index}`, rankOf(of(String(900 - index)))));
    expect(describeOrder(many)).toMatch(/^vm-0 \(900\), vm-1 \(899\), .*vm-9 \(891\) and 2 more$/);
  });
});
