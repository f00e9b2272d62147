/** Who asks, as Keystone knows them. */
export interface Caller {
  readonly userId: string;
  readonly userName: string | undefined;
  readonly userDomainId: string | undefined;
  readonly projectId: string | undefined;
  readonly domainId: string | undefined;
  readonly systemScope: string | undefined;
  /** Lower case. */
  readonly roles: readonly string[];
  /** Set for who has come with the key of a host: it may report failures of that host, whatever the policy says. */
  readonly onlyHost?: string;
}

/** Whom a token belongs to. */
export interface TokenHolder extends Caller {
  /** How long the token is good for yet. */
  readonly leftMs: number;
}

/** Of an API that asks nobody who they are. */
export const NOBODY_ASKED: Caller = {
  userId: 'noauth',
  userName: undefined,
  userDomainId: undefined,
  projectId: undefined,
  domainId: undefined,
  systemScope: undefined,
  roles: ['admin'],
};
