import { LifeboatError, messageOf } from '../errors.ts';
import type { Http } from './http.ts';
import { chooseEndpoint } from './catalog.ts';
import type { Credentials } from './credentials.ts';
import { refusalError } from './failure.ts';
import type { Reply } from './failure.ts';
import { loginRequest, secretsOf } from './login-request.ts';
import { repeat } from './repeat.ts';
import type { Patience } from './repeat.ts';
import { isRow, objectAt, stampAt } from './rows.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface Token {
  readonly value: string;
  readonly catalog: unknown;
  /** Of the account that it was issued to. */
  readonly userId: string | undefined;
  /** On the monotonic clock, from the token's own lifetime: the two machines' clocks need not agree. */
  readonly expiresAt: number;
  readonly lifetimeMs: number;
  /** What to add to the monotonic clock to have Keystone's time, milliseconds since the epoch. */
  readonly cloudClockMs: number;
}

export interface Keystone {
  /** A token that is good for some time yet. Callers that need a login at the same time share one. */
  token(signal?: AbortSignal): Promise<Token>;
  /** After a 401 for `refused`: a newer token, by a login only if nobody got one meanwhile. */
  renew(refused: Token, signal?: AbortSignal): Promise<Token>;
  endpoint(serviceTypes: readonly string[], signal?: AbortSignal): Promise<string>;
  /** The time by Keystone's clock, milliseconds since the epoch; undefined before the first login. */
  timeMs(): number | undefined;
}

/** A token this close to its end could end on the way; then the caller waits for the new one. */
const LAST_USE_MS = 10_000;

export function createKeystone(http: Http, credentials: Credentials, patience: Patience): Keystone {
  const { clock, logger, timings } = patience;
  let current: Token | undefined;
  let login: Promise<Token> | undefined;

  const logIn = (): Promise<Token> => {
    login ??= issueToken(http, credentials, patience)
      .then((token) => (current = token))
      .finally(() => {
        login = undefined;
      });
    return login;
  };

  const token = async (signal?: AbortSignal): Promise<Token> => {
    const leftMs = current === undefined ? 0 : current.expiresAt - clock.monotonic();
    if (current === undefined || leftMs <= Math.min(LAST_USE_MS, current.lifetimeMs / 4)) {
      return unlessAborted(logIn(), signal);
    }
    if (leftMs <= Math.min(timings.renewBeforeMs, current.lifetimeMs / 2)) {
      // Beside the work: whoever asks now still gets the old one. A failure is told here, and the next call tries again.
      logIn().catch((error: unknown) => {
        logger.warn({ reason: messageOf(error) }, 'the token could not be renewed yet');
      });
    }
    return current;
  };

  return {
    token,
    timeMs: () => current && current.cloudClockMs + clock.monotonic(),
    async renew(refused, signal) {
      if (current === refused) current = undefined;
      return token(signal);
    },
    async endpoint(serviceTypes, signal) {
      const { catalog } = await token(signal);
      return chooseEndpoint(catalog, serviceTypes, credentials);
    },
  };
}

async function issueToken(http: Http, credentials: Credentials, patience: Patience): Promise<Token> {
  const url = `${credentials.authUrl}/v3/auth/tokens`;
  const what = `login at ${credentials.authUrl}`;
  const body = loginRequest(credentials);
  const reply = await repeat(patience, what, undefined, () =>
    http.send({ what, method: 'POST', url, headers: {}, body, connection: 'kept' }),
  );
  if (reply.status !== 200 && reply.status !== 201) throw loginError(what, reply, credentials);
  return readToken(what, reply, patience.clock.monotonic());
}

/** Seen: Keystone answers 404, and not 401, for an application credential that was deleted. */
function loginError(what: string, reply: Reply, credentials: Credentials): LifeboatError {
  const error = refusalError(what, reply, secretsOf(credentials));
  if (reply.status !== 404 || reply.form !== 'json') return error;
  return new LifeboatError('CLOUD_UNAUTHORIZED', error.message);
}

function readToken(what: string, reply: Reply, receivedAt: number): Token {
  const value = reply.headers['x-subject-token'];
  if (value === undefined || value === '') {
    throw new LifeboatError('CLOUD_GARBAGE', `${what}: the answer has no X-Subject-Token`);
  }
  const token = objectAt(reply.body, 'token', what);
  const issuedAt = stampAt(token, 'issued_at', what);
  const lifetimeMs = stampAt(token, 'expires_at', what) - issuedAt;
  const cloudClockMs = issuedAt - receivedAt;
  const userId = isRow(token.user) && typeof token.user.id === 'string' ? token.user.id : undefined;
  return { value, catalog: token.catalog, userId, expiresAt: receivedAt + lifetimeMs, lifetimeMs, cloudClockMs };
}
