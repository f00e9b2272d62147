import type { Caller } from './caller.ts';

export type Authentication =
  | { readonly kind: 'caller'; readonly caller: Caller }
  /** No token, or one that Keystone does not know. */
  | { readonly kind: 'refused' }
  /** Keystone cannot be asked. */
  | { readonly kind: 'unavailable' };

/** Says who a token belongs to. */
export type Authenticate = (token: string | undefined) => Promise<Authentication>;
