import type { Signal } from './message.ts';

/** Which signals are wanted: all of these must fit. */
export interface MatchRule {
  readonly sender: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  /** The first argument, a string. */
  readonly arg0?: string;
  /** The third. */
  readonly arg2?: string;
}

/** As AddMatch takes it. Values with an apostrophe are refused with an Error: none of ours has one. */
export function matchText(rule: MatchRule): string {
  const keys = Object.entries(rule) as readonly (readonly [string, string])[];
  return [['type', 'signal'] as const, ...keys]
    .map(([key, value]) => {
      if (value.includes("'")) throw new Error(`no match rule can have ${value}`);
      return `${key}='${value}'`;
    })
    .join(',');
}

/** The sender is the bus's to check: a signal names only the number of its connection. */
export function fits(rule: MatchRule, { body, interface: iface, member, path }: Signal): boolean {
  if (rule.path !== path || rule.interface !== iface || rule.member !== member) return false;
  if (rule.arg0 !== undefined && rule.arg0 !== body[0]) return false;
  return rule.arg2 === undefined || rule.arg2 === body[2];
}
