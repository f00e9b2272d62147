import { accepted, sendAuthorized, type AuthorizedPorts } from './authorized.ts';
import { refusalError } from './failure.ts';
import { objectAt, rowsAt, stampAt, textAt, type Row } from './rows.ts';

/** Whom a token of Keystone belongs to, and what it was given for. */
export interface TokenOwner {
  readonly userId: string;
  readonly userName: string | undefined;
  readonly userDomainId: string | undefined;
  readonly projectId: string | undefined;
  readonly domainId: string | undefined;
  readonly systemScope: string | undefined;
  /** Lower case. */
  readonly roles: readonly string[];
  /** How long the token is good for yet, by Keystone's clock. */
  readonly leftMs: number;
}

/**
 * Asks Keystone with our own token. Undefined: it knows no such token (404), because it never was one, has expired or was
 * revoked. Throws CLOUD_… when Keystone cannot be asked, or does not let us. The token is in no message.
 */
export async function checkToken(
  ports: AuthorizedPorts,
  authUrl: string,
  token: string,
  signal?: AbortSignal,
): Promise<TokenOwner | undefined> {
  const what = `check a token at ${authUrl}`;
  // What cannot stand in a header is no token.
  if (!/^[\x21-\x7e]+$/.test(token)) return undefined;
  const call = { what, method: 'GET', path: '/v3/auth/tokens?nocatalog', repeats: 'safely', signal } as const;
  const answer = await sendAuthorized(ports, call, `${authUrl}${call.path}`, { 'x-subject-token': token });
  const { reply } = answer;
  // A page of a proxy with a 404 says nothing of the token.
  if (reply.status === 404 && reply.form === 'json') return undefined;
  // What Keystone quotes in a refusal may be the token that was asked about.
  if (reply.status !== 200) throw refusalError(what, reply, [answer.token, token]);
  const row = objectAt(accepted(what, answer).body, 'token', what);
  const user = objectAt(row, 'user', what);
  return {
    userId: textAt(user, 'id', what),
    userName: optional(user, 'name'),
    userDomainId: optional(part(user, 'domain'), 'id'),
    projectId: optional(part(row, 'project'), 'id'),
    domainId: optional(part(row, 'domain'), 'id'),
    systemScope: part(row, 'system')['all'] === true ? 'all' : undefined,
    leftMs: stampAt(row, 'expires_at', what) - (ports.keystone.timeMs() ?? 0),
    roles: 'roles' in row ? rowsAt(row, 'roles', what).map((role) => textAt(role, 'name', what).toLowerCase()) : [],
  };
}

function part(row: Row, field: string): Row {
  const value = row[field];
  return typeof value === 'object' && value !== null ? (value as Row) : {};
}

function optional(row: Row, field: string): string | undefined {
  const value = row[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
