import type { ControlRequest } from './protocol.ts';

export type Parsed =
  | { readonly outcome: 'request'; readonly request: ControlRequest }
  | { readonly outcome: 'bad'; readonly reason: string };

export function bad(reason: string): Parsed {
  return { outcome: 'bad', reason };
}

/** It goes into logs, terminals and the CIB: no control characters. */
export function isLine(value: unknown): value is string {
  return typeof value === 'string' && /^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u.test(value) && value.trim() !== '';
}
