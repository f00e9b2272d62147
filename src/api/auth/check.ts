import type { Caller } from './caller.ts';

/** One check of a policy, in the language of oslo.policy. */
export type Check =
  | { readonly kind: 'always' | 'never' }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Check[] }
  | { readonly kind: 'not'; readonly part: Check }
  | { readonly kind: 'rule'; readonly name: string }
  | { readonly kind: 'role'; readonly name: string }
  /** `left:right`, of which each side is a fact of the caller, a fact of what is asked for, or a constant. */
  | { readonly kind: 'match'; readonly left: string; readonly right: string };

/** What a check is held against. */
export interface Question {
  readonly caller: Caller;
  /** Undefined: there is no such rule, which allows nothing. */
  readonly rule: (name: string) => Check | undefined;
  readonly isAdmin: () => boolean;
}

/** Rules may name each other; in a circle they say nothing. */
const DEEPEST = 32;

/** Only what is said to pass does: a rule that does not exist, or names itself, allows nothing, and its opposite neither. */
export function passes(check: Check, question: Question): boolean {
  return verdict(check, question, 0) === true;
}

/** Undefined: nothing can be said. */
function verdict(check: Check, question: Question, depth: number): boolean | undefined {
  if (depth > DEEPEST) return undefined;
  switch (check.kind) {
    case 'always':
      return true;
    case 'never':
      return false;
    case 'and':
      return verdictOf(check.parts, false, question, depth);
    case 'or':
      return verdictOf(check.parts, true, question, depth);
    case 'not': {
      const said = verdict(check.part, question, depth + 1);
      return said === undefined ? undefined : !said;
    }
    case 'rule': {
      const named = question.rule(check.name);
      return named && verdict(named, question, depth + 1);
    }
    case 'role':
      return question.caller.roles.includes(check.name.toLowerCase());
    case 'match':
      return matches(check.left, check.right, question);
  }
}

/** One part that says `decisive` decides; else all of them must say something. */
function verdictOf(parts: readonly Check[], decisive: boolean, question: Question, depth: number): boolean | undefined {
  let isOpen = false;
  for (const part of parts) {
    const said = verdict(part, question, depth + 1);
    if (said === decisive) return decisive;
    isOpen ||= said === undefined;
  }
  return isOpen ? undefined : !decisive;
}

/** `user_id:%(user_id)s`: the target of every rule of this API is the caller's own project and user, as in the original. */
function matches(left: string, right: string, question: Question): boolean {
  const wanted = /^%\((\w+)\)s$/.exec(right);
  const value = wanted === null ? right : factOf(wanted[1] ?? '', question);
  const fact = constantOf(left) ?? factOf(left, question);
  return fact !== undefined && value !== undefined && fact === value;
}

function constantOf(text: string): string | undefined {
  return /^(['"])(.*)\1$/.exec(text)?.[2];
}

function factOf(name: string, { caller, isAdmin }: Question): string | undefined {
  switch (name) {
    case 'is_admin':
      return isAdmin() ? 'True' : 'False';
    case 'user_id':
      return caller.userId;
    case 'project_id':
    case 'tenant_id':
    case 'tenant':
      return caller.projectId;
    case 'domain_id':
      return caller.domainId;
    case 'user_domain_id':
      return caller.userDomainId;
    case 'system_scope':
    case 'system':
      return caller.systemScope;
    default:
      return undefined;
  }
}
