import type { Caller } from './caller.ts';
import { passes, type Check, type Question } from './check.ts';
import { parseCheck } from './parse-check.ts';

/** The role that may report failures and nothing else: for monitors, on every compute host (docs/api.md). */
export const MONITOR_ROLE = 'lifeboat_monitor';

const ADMIN = 'rule:admin_api';
/** All that the key of a host is for, whatever a policy file says. */
const RULE_OF_HOST_KEYS = 'os_masakari_api:notifications:create';

/** Masakari's rules and what they are without a policy file; only notifications:create is wider, by the monitors' role. */
export const DEFAULT_RULES: Readonly<Record<string, string>> = {
  context_is_admin: 'role:admin',
  admin_or_owner: 'is_admin:True or project_id:%(project_id)s',
  admin_api: 'is_admin:True',
  'os_masakari_api:extensions:index': ADMIN,
  'os_masakari_api:extensions:detail': ADMIN,
  'os_masakari_api:extensions:discoverable': ADMIN,
  'os_masakari_api:os-hosts:index': ADMIN,
  'os_masakari_api:os-hosts:detail': ADMIN,
  'os_masakari_api:os-hosts:create': ADMIN,
  'os_masakari_api:os-hosts:update': ADMIN,
  'os_masakari_api:os-hosts:delete': ADMIN,
  'os_masakari_api:os-hosts:discoverable': ADMIN,
  'os_masakari_api:notifications:index': ADMIN,
  'os_masakari_api:notifications:detail': ADMIN,
  'os_masakari_api:notifications:create': `${ADMIN} or role:${MONITOR_ROLE}`,
  'os_masakari_api:notifications:discoverable': ADMIN,
  'os_masakari_api:segments:index': ADMIN,
  'os_masakari_api:segments:detail': ADMIN,
  'os_masakari_api:segments:create': ADMIN,
  'os_masakari_api:segments:update': ADMIN,
  'os_masakari_api:segments:delete': ADMIN,
  'os_masakari_api:segments:discoverable': ADMIN,
  'os_masakari_api:versions:index': '@',
  'os_masakari_api:versions:discoverable': '@',
  'os_masakari_api:vmoves:index': ADMIN,
  'os_masakari_api:vmoves:detail': ADMIN,
  'os_masakari_api:vmoves:discoverable': ADMIN,
  'lifeboat_api:read': ADMIN,
  'lifeboat_api:operate': ADMIN,
  'lifeboat_api:metrics': ADMIN,
};

/** Who may do what. A rule that nobody wrote allows nothing. */
export class Policy {
  readonly #rules: ReadonlyMap<string, Check>;

  /** `overrides`: as they stand in a policy file. Throws an Error that names the rule. */
  constructor(overrides: Readonly<Record<string, unknown>> = {}) {
    const rules = new Map<string, Check>();
    for (const [name, rule] of Object.entries({ ...DEFAULT_RULES, ...overrides })) {
      try {
        rules.set(name, parseCheck(rule));
      } catch (error) {
        throw new Error(`the rule ${name} ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      }
    }
    this.#rules = rules;
  }

  allows(name: string, caller: Caller): boolean {
    // Here, so that no route can forget it: a rule may be written for everybody.
    if (caller.onlyHost !== undefined && name !== RULE_OF_HOST_KEYS) return false;
    const question: Question = {
      caller,
      rule: (asked) => this.#rules.get(asked),
      isAdmin: () => this.#passes('context_is_admin', { ...question, isAdmin: () => false }),
    };
    return this.#passes(name, question);
  }

  #passes(name: string, question: Question): boolean {
    const check = this.#rules.get(name);
    return check !== undefined && passes(check, question);
  }
}

/** Names in a policy file that Lifeboat never asks for, and no rule of the file names: a slip of the pen, most often. */
export function unusedRules(overrides: Readonly<Record<string, unknown>>): readonly string[] {
  const written = JSON.stringify(Object.values(overrides));
  return Object.keys(overrides).filter(
    (name) => !Object.hasOwn(DEFAULT_RULES, name) && !written.includes(`rule:${name}`),
  );
}
