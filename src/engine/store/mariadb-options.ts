import type { Clock, Logger, Randomness } from '../../ports.ts';

export type DatabaseTls =
  | { readonly kind: 'off' }
  /** `ca`: PEM; undefined: the authorities that Node comes with. */
  | { readonly kind: 'verified'; readonly ca: string | undefined }
  | { readonly kind: 'unverified' };

export interface MariadbOptions {
  /** Tried in turn, beginning with the one that answered last. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly database: string;
  readonly user: string;
  /** Asked for each connection. Throws CONFIG_INVALID. */
  readonly password: () => string;
  readonly tls: DatabaseTls;
  /**
   * How long one statement may go without an answer, and how long one call of the store is tried again, in ms. Shorter
   * than the lease: whoever waits must be told in time.
   */
  readonly patienceMs: number;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
}
