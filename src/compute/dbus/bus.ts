import type { MatchRule } from './match.ts';
import type { MethodCall, Signal } from './message.ts';

export type BusState =
  /** Not tried to its end yet; never again after that. */
  | { readonly kind: 'connecting' }
  /** `connection` counts them: each has lost what the one before had heard of. */
  | { readonly kind: 'connected'; readonly connection: number }
  | { readonly kind: 'away'; readonly sentence: string };

/** A message bus that may go and come back. Nothing of it throws into the event loop. */
export interface Bus {
  readonly state: () => BusState;
  /** Told of each change from then on; when connected, all matches are in place again. */
  readonly onState: (listener: (state: BusState) => void) => void;
  /**
   * The body of the answer. Rejects with DBUS_UNREACHABLE, DBUS_TIMED_OUT or DBUS_GARBAGE, after which the connection is given
   * up, and with DBUS_REFUSED when the other side says no: its words are in the message.
   */
  readonly call: (call: MethodCall) => Promise<readonly unknown[]>;
  /** Settles when the bus has taken the rule; at once while it is away, for it is told each new connection. Never rejects. */
  readonly match: (rule: MatchRule, onSignal: (signal: Signal) => void) => Promise<void>;
  readonly stop: () => void;
}
