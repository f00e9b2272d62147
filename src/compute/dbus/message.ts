/** A call of a method. `signature` and `body` as the D-Bus specification has them. */
export interface MethodCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
}

export interface Signal {
  readonly kind: 'signal';
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

/**
 * What comes from a bus. Values in a body: strings, numbers and booleans as they are; 64-bit numbers as bigint; arrays and
 * structures as arrays; dictionaries as objects; variants as `{ signature, value }`.
 */
export type IncomingMessage =
  | Signal
  | { readonly kind: 'answer'; readonly to: number; readonly body: readonly unknown[] }
  | { readonly kind: 'error'; readonly to: number; readonly name: string; readonly text: string }
  /** Somebody calls us: we offer nothing. */
  | { readonly kind: 'call' };
