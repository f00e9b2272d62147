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

/** Rules may name each other; in a circle they allow nothing. */
const DEEPEST = 32;

export function passes(check: Check, question: Question, depth = 0): boolean {
  if (depth > DEEPEST) return false;
  switch (check.kind) {
    case 'always':
      return true;
    case 'never':
      return false;
    case 'and':
      return check.parts.every((part) => passes(part, question, depth + 1));
    case 'or':
      return check.parts.some((part) => passes(part, question, depth + 1));
    case 'not':
      return !passes(check.part, question, depth + 1);
    case 'rule': {
      const named = question.rule(check.name);
      return named !== undefined && passes(named, question, depth + 1);
    }
    case 'role':
      return question.caller.roles.includes(check.name.toLowerCase());
    case 'match':
      return matches(check.left, check.right, question);
  }
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
