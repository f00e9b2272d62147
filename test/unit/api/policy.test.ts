import { describe, expect, it } from 'vitest';
import { NOBODY_ASKED } from '../../../src/api/auth/caller.ts';
import { PolicyFile } from '../../../src/api/auth/policy-file.ts';
import { DEFAULT_RULES, Policy, unusedRules } from '../../../src/api/auth/policy.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { virtualClock } from '../../support/virtual-clock.ts';
import { callerOf } from './masakari-stage.ts';

const INDEX = 'os_masakari_api:segments:index';
const CREATE = 'os_masakari_api:notifications:create';

describe('the policy', () => {
  it('lets an administrator do everything without a file, and a member nothing but read the version', () => {
    const policy = new Policy();
    const names = Object.keys(DEFAULT_RULES).filter((name) => name.includes(':'));
    expect(names.filter((name) => !policy.allows(name, callerOf(['admin'])))).toEqual([]);
    expect(names.filter((name) => policy.allows(name, callerOf(['member'])))).toEqual([
      'os_masakari_api:versions:index',
      'os_masakari_api:versions:discoverable',
    ]);
    expect(policy.allows(INDEX, NOBODY_ASKED)).toBe(true);
  });

  it('lets the key of a host report and nothing else, also where a rule is written for everybody', () => {
    const names = Object.keys(DEFAULT_RULES).filter((name) => name.includes(':'));
    const policy = new Policy(Object.fromEntries(names.map((name) => [name, '@'])));
    const key = { ...callerOf(['admin', 'lifeboat_monitor']), onlyHost: 'cmp1' };
    expect(names.filter((name) => policy.allows(name, key))).toEqual([CREATE]);
  });

  it('lets a monitor report and nothing else', () => {
    const policy = new Policy();
    const monitor = callerOf(['lifeboat_monitor']);
    expect(policy.allows(CREATE, monitor)).toBe(true);
    expect(policy.allows('os_masakari_api:notifications:index', monitor)).toBe(false);
    expect(policy.allows(INDEX, monitor)).toBe(false);
  });

  it.each([
    ['role:reader', ['reader'], true],
    ['role:Reader', ['reader'], true],
    ['role:reader', ['member'], false],
    ['role:a or role:b and role:c', ['a'], true],
    ['role:a or role:b and role:c', ['b'], false],
    ['(role:a or role:b) and not role:c', ['b'], true],
    ['(role:a or role:b) and not role:c', ['b', 'c'], false],
    ['not not role:a', ['a'], true],
    ['project_id:%(project_id)s', ['any'], true],
    ['user_id:somebody', ['any'], false],
    ['is_admin:True', ['admin'], true],
    ["'x':%(user_id)s", ['any'], false],
    ['rule:context_is_admin', ['admin'], true],
    ['rule:nobody_wrote_it', ['admin'], false],
    ['@', [], true],
    ['!', ['admin'], false],
    ['', [], true],
    [[], [], true],
    [[['role:a', 'role:b'], ['role:c']], ['c'], true],
    [[['role:a', 'role:b'], ['role:c']], ['a'], false],
    [['role:a', '@'], ['none'], true],
  ])('reads %j, and answers %j with %s', (rule, roles, expected) => {
    expect(new Policy({ [INDEX]: rule }).allows(INDEX, callerOf(roles))).toBe(expected);
  });

  it.each([
    'role:a and',
    '(role:a',
    'role:a)',
    'and role:a',
    'admin',
    'role:a role:b',
    'http://x/%(a)s',
    7,
    [['a', 1]],
  ])('refuses %j, by the name of the rule', (rule) => {
    expect(() => new Policy({ [INDEX]: rule })).toThrow(/the rule os_masakari_api:segments:index /);
  });

  it('allows nothing by rules that name each other in a circle', () => {
    const policy = new Policy({ a: 'rule:b', b: 'rule:a', [INDEX]: 'rule:a', context_is_admin: 'is_admin:True' });
    expect(policy.allows(INDEX, callerOf(['admin']))).toBe(false);
    expect(policy.allows(CREATE, callerOf(['admin']))).toBe(false);
  });

  it('allows nothing by the opposite of a rule that is not there, or that names itself', () => {
    for (const rule of [
      'not rule:nobody_wrote_it',
      'not rule:a',
      'role:admin and not rule:a',
      'rule:a or not rule:b',
    ]) {
      const policy = new Policy({ a: 'not rule:a', b: 'rule:b', [INDEX]: rule });
      expect(policy.allows(INDEX, callerOf(['admin'])), rule).toBe(false);
    }
    const policy = new Policy({ a: 'not rule:a', [INDEX]: 'rule:a or role:admin' });
    expect(policy.allows(INDEX, callerOf(['admin']))).toBe(true);
  });

  it('names rules that nothing asks for', () => {
    expect(unusedRules({ [INDEX]: 'rule:mine', mine: '@', 'os_masakari_api:segmnets:index': '@' })).toEqual([
      'os_masakari_api:segmnets:index',
    ]);
  });
});

describe('a policy file', () => {
  const reader = callerOf(['reader']);

  it('is read again when it changes, and one that is bad changes nothing', async () => {
    const clock = virtualClock();
    const logger = recordingLogger();
    let stamp = 1;
    let rules: Readonly<Record<string, unknown>> | undefined = { [INDEX]: 'role:reader' };
    const file = new PolicyFile({
      path: '/etc/lifeboat/policy.yaml',
      clock,
      logger,
      read: () => {
        if (rules === undefined) throw new Error('ENOENT');
        return { stamp: String(stamp), rules };
      },
    });
    expect(file.current.allows(INDEX, reader)).toBe(true);
    for (const broken of [{ [INDEX]: 'role:' + ' and' }, undefined]) {
      [rules, stamp] = [broken, stamp + 1];
      await clock.advance(10_000);
      expect(file.current.allows(INDEX, reader)).toBe(true);
    }
    expect(logger.lines.filter((line) => line.includes('the former policy stays in force'))).toHaveLength(2);
    [rules, stamp] = [{}, stamp + 1];
    await clock.advance(10_000);
    expect(file.current.allows(INDEX, reader)).toBe(false);
  });
});
