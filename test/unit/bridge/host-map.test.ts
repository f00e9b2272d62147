import { describe, expect, it } from 'vitest';
import { matchHost } from '../../../src/bridge/index.ts';
import type { HostMatch, NamedNode, Policy } from '../../../src/bridge/index.ts';
import { policy } from './watch.ts';

const node = (name: string, host?: string): NamedNode => ({
  name,
  attributes: new Map(host === undefined ? [] : [['lifeboat-host', host]]),
});

function match(name: string, nodes: readonly NamedNode[], change: Partial<Policy>): HostMatch {
  return matchHost(name, nodes, { ...policy, ...change });
}

describe('node to Nova host', () => {
  it.each([
    ['the same name', 'cmp1', 'cmp1'],
    ['another case', 'CMP1', 'cmp1'],
    ['a short node name and a qualified host', 'cmp1', 'cmp1.example.org'],
    ['a qualified node name and a short host', 'cmp1.example.org', 'Cmp1'],
  ])('%s match, spelled as Nova spells it', (_case, name, host) => {
    expect(match(name, [node(name)], { novaHosts: ['other', host] })).toEqual({ kind: 'matched', host });
  });

  it('two qualified names of different domains do not match', () => {
    expect(match('cmp1.a', [node('cmp1.a')], { novaHosts: ['cmp1.b'] })).toMatchObject({ kind: 'none' });
  });

  it('an address is no qualified name', () => {
    expect(match('10.0.0.1', [node('10.0.0.1')], { novaHosts: ['10'] })).toMatchObject({ kind: 'none' });
  });

  it('the configured map comes before the attribute, and both before the name', () => {
    const novaHosts = ['cmp1', 'mapped', 'attributed'];
    expect(match('cmp1', [node('cmp1', 'attributed')], { novaHosts })).toEqual({ kind: 'matched', host: 'attributed' });
    const hostMap = { cmp1: 'mapped' };
    expect(match('cmp1', [node('cmp1', 'attributed')], { novaHosts, hostMap })).toMatchObject({ host: 'mapped' });
  });

  it('a mapped host that Nova does not know is not replaced by a guess', () => {
    const found = match('cmp1', [node('cmp1')], { novaHosts: ['cmp1'], hostMap: { cmp1: 'typo' } });
    expect(found).toEqual({ kind: 'none', wanted: 'typo' });
  });

  it('one node and two hosts are ambiguous', () => {
    const found = match('cmp1', [node('cmp1')], { novaHosts: ['cmp1.a', 'cmp1.b'] });
    expect(found).toEqual({ kind: 'ambiguous', nodes: ['cmp1'], hosts: ['cmp1.a', 'cmp1.b'] });
  });

  it('two nodes and one host are ambiguous, unless one of them is ignored', () => {
    const nodes = [node('cmp1'), node('cmp2', 'cmp1')];
    expect(match('cmp1', nodes, { novaHosts: ['cmp1'] })).toMatchObject({ kind: 'ambiguous', nodes: ['cmp1', 'cmp2'] });
    const ignoredNodes = ['cmp2'];
    expect(match('cmp1', nodes, { novaHosts: ['cmp1'], ignoredNodes })).toEqual({ kind: 'matched', host: 'cmp1' });
  });

  it('nothing matches while Nova was not read', () => {
    expect(match('cmp1', [node('cmp1')], { novaHosts: undefined })).toEqual({ kind: 'unread' });
  });

  it('a node called like a property of every object has no host by that', () => {
    expect(match('constructor', [node('constructor')], {})).toEqual({ kind: 'none', wanted: undefined });
  });
});
