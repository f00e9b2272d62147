import { describe, expect, it } from 'vitest';
import { USUAL_RANK, type Rank } from '../../../../src/engine/order/rank.ts';
import { inSequence } from '../../../../src/engine/order/sequence.ts';
import { planMoves, type PlanFacts, type PlannedMove } from '../../../../src/engine/plan/plan.ts';
import { NOT_READ } from '../../../../src/engine/select.ts';
import type { Target } from '../../../../src/engine/plan/room.ts';
import type { Instance } from '../../../../src/openstack/cloud.ts';
import type { ServerGroup } from '../../../../src/openstack/inventory.ts';

const SMALL = { VCPU: 1, MEMORY_MB: 1_024 };

function instance(id: string, more: Partial<Instance> = {}): Instance {
  const plain = { id, name: id, projectId: 'p', vmState: 'active', taskState: undefined, powerState: 1, host: 'dead' };
  return { ...plain, metadata: {}, tags: [], ...more } as unknown as Instance;
}

function target(host: string, freeMb: number, more: Partial<Target> = {}): Target {
  return { host, zone: 'nova', free: { VCPU: 100, MEMORY_MB: freeMb }, reserved: false, ...more };
}

function plan(instances: readonly Instance[], facts: Partial<PlanFacts> = {}): readonly PlannedMove[] {
  return planMoves({
    host: 'dead',
    zone: 'nova',
    instances,
    selection: { select: 'all', markKey: 'HA_Enabled', excludeNames: [/^amphora/], excludeProjects: [] },
    tagged: NOT_READ,
    ranks: new Map(),
    stock: stock(instances, [target('a', 4_096)]),
    groups: [],
    hostOf: () => undefined,
    acrossZones: false,
    ways: ['scheduler'],
    ...facts,
  });
}

function stock(instances: readonly Instance[], targets: readonly Target[], needs = SMALL): PlanFacts['stock'] {
  return { needs: new Map(instances.map(({ id }) => [id, needs])), targets };
}

const places = (moves: readonly PlannedMove[]): readonly string[] =>
  moves.map(({ name, place }) => `${name} ${place.kind === 'host' ? place.host : place.kind}`);

const group = (policy: string, members: readonly string[]): ServerGroup => ({
  id: 'g',
  policy,
  maxPerHost: 1,
  members,
});

describe('a plan', () => {
  it('fills the emptiest host first, and says what has no place and why', () => {
    const three = ['i1', 'i2', 'i3'].map((id) => instance(id));
    const moves = plan(three, { stock: stock(three, [target('a', 1_500), target('b', 1_024)]) });
    expect(places(moves)).toEqual(['i1 a', 'i2 b', 'i3 none']);
    expect(moves[2]?.place).toMatchObject({ reason: 'no host that may take it has free: VCPU 1, MEMORY_MB 1024' });
  });

  it('counts every resource class, and none that a host does not have as free', () => {
    const one = [instance('i1')];
    const needs = new Map([['i1', { ...SMALL, VGPU: 1 }]]);
    expect(places(plan(one, { stock: { needs, targets: [target('a', 9_999)] } }))).toEqual(['i1 none']);
    const gpu = target('b', 2_048, { free: { VCPU: 1, MEMORY_MB: 2_048, VGPU: 1 } });
    expect(places(plan(one, { stock: { needs, targets: [target('a', 9_999), gpu] } }))).toEqual(['i1 b']);
  });

  it('has what stays at its end, with the reason', () => {
    const moves = plan([instance('amphora-1'), instance('i1', { vmState: 'shelved' }), instance('i2')]);
    expect(places(moves)).toEqual(['i2 a', 'amphora-1 left', 'i1 left']);
    expect(moves[1]?.place).toMatchObject({ reason: 'its name matches the exclusion ^amphora' });
  });

  it('is in the order of the recovery, and gives the last places to the most important', () => {
    const two = [instance('low'), instance('high')];
    const ranks = new Map<string, Rank>([['high', { ...USUAL_RANK, priority: 900 }]]);
    const moves = plan(two, { ranks, stock: stock(two, [target('a', 1_024)]) });
    expect(places(moves)).toEqual(['high a', 'low none']);
  });

  it('stays in the zone of the host, unless instances may leave it', () => {
    const one = [instance('i1')];
    const elsewhere = stock(one, [target('a', 4_096, { zone: 'other' })]);
    expect(places(plan(one, { stock: elsewhere }))).toEqual(['i1 none']);
    expect(places(plan(one, { stock: elsewhere, acrossZones: true }))).toEqual(['i1 a']);
  });

  it('keeps the members of an anti-affinity group apart, also from those on living hosts', () => {
    const two = [instance('i1'), instance('i2')];
    const groups = [group('anti-affinity', ['i1', 'i2', 'far'])];
    const targets = [target('a', 9_000), target('b', 8_000), target('c', 7_000)];
    const hostOf = (id: string): string => (id === 'far' ? 'a' : 'dead');
    expect(places(plan(two, { groups, hostOf, stock: stock(two, targets) }))).toEqual(['i1 b', 'i2 c']);
    expect(places(plan(two, { groups, hostOf, stock: stock(two, targets.slice(0, 2)) }))).toEqual(['i1 b', 'i2 none']);
  });

  it('knows that Nova finds no host for a member of an affinity group of which another one is on the dead host', () => {
    const two = [instance('i1'), instance('i2')];
    const hostOf = (): string => 'dead';
    expect(places(plan(two, { groups: [group('affinity', ['i1', 'i2'])], hostOf }))).toEqual(['i1 none', 'i2 none']);
    expect(places(plan(two, { groups: [group('affinity', ['i1'])], hostOf }))).toEqual(['i1 a', 'i2 a']);
    expect(places(plan(two, { groups: [group('soft-affinity', ['i1', 'i2'])], hostOf }))).toEqual(['i1 a', 'i2 a']);
  });

  it('takes reserved hosts only in the turn that the recovery method gives them', () => {
    const two = [instance('i1'), instance('i2')];
    const targets = [target('spare', 9_000, { reserved: true }), target('a', 1_024)];
    const by = (ways: PlanFacts['ways']): readonly string[] => places(plan(two, { ways, stock: stock(two, targets) }));
    expect(by(['scheduler'])).toEqual(['i1 a', 'i2 none']);
    expect(by(['reserved'])).toEqual(['i1 spare', 'i2 spare']);
    expect(by(['scheduler', 'reserved'])).toEqual(['i1 a', 'i2 spare']);
  });

  it('says that a place is unknown when Placement does not answer, or knows nothing of the instance', () => {
    expect(places(plan([instance('i1')], { stock: undefined }))).toEqual(['i1 unknown']);
    expect(places(plan([instance('i1')], { stock: stock([], [target('a', 9_000)]) }))).toEqual(['i1 unknown']);
  });

  it('of 10,000 instances on 100 hosts is made within a second', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => instance(`i${index}`));
    const targets = Array.from({ length: 100 }, (_, index) => target(`h${index}`, 1_024 * 120));
    const ranks = new Map(many.map(({ id }, index) => [id, { ...USUAL_RANK, priority: 1 + (index % 1_000) }]));
    const began = performance.now();
    const moves = plan(many, { ranks, stock: stock(many, targets) });
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(moves.filter(({ place }) => place.kind === 'host')).toHaveLength(10_000);
  });
});

describe('the sequence', () => {
  const of = (
    name: string,
    priority: number,
    groupName?: string,
    after: readonly string[] = [],
  ): { readonly name: string; readonly rank: Rank } => ({
    name,
    rank: { priority, marked: false, group: groupName, after },
  });
  const names = (moves: readonly ReturnType<typeof of>[]): readonly string[] =>
    inSequence(moves).map(({ name }) => name);

  it('has nothing before the groups that it starts after, however important it is', () => {
    const moves = [of('app', 900, 'app', ['db']), of('db', 100, 'db'), of('web', 500), of('db2', 400, 'db')];
    expect(names(moves)).toEqual(['web', 'db2', 'db', 'app']);
  });

  it('ends also when groups wait for each other', () => {
    expect(names([of('a', 1, 'a', ['b']), of('b', 2, 'b', ['a']), of('c', 3, undefined, ['nobody'])])).toEqual([
      'c',
      'b',
      'a',
    ]);
  });
});
