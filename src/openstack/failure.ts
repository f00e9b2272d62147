import { LifeboatError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import { CONNECT_TIMED_OUT } from './agents.ts';

/** An answer of a server, before anything is believed of it. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined for an empty body. */
  readonly body: unknown;
  /** How the body could be read. `unreadable`: it is no JSON, such as the page of a load balancer. */
  readonly form: 'json' | 'empty' | 'unreadable';
}

/** Enough for any message of Nova's and too little for a traceback. */
const LONGEST_MESSAGE = 400;

/**
 * The error for an answer that is none of 2xx. `what` names the call in words. A server may quote in its message what
 * it was sent (the JSON schema errors of Keystone and Nova do), so `secrets` are blotted out of it.
 */
export function refusalError(what: string, reply: Reply, secrets: readonly string[]): LifeboatError {
  const said = withoutSecrets(serverMessage(reply.body), secrets);
  const text = said === undefined ? undefined : shorten(said);
  const id = reply.headers['x-openstack-request-id'];
  const request = id === undefined ? '' : ` (${plain(id).slice(0, 60)})`;
  return new LifeboatError(codeOf(reply), `${what}: ${reply.status}${text === undefined ? '' : ` ${text}`}${request}`);
}

/**
 * A status of the API's own makes an error by its number. A page that is no JSON with a 4xx comes from something that
 * is not the API: above all a 404 of a proxy must not read as "this instance is gone". So CLOUD_NOT_FOUND is only what
 * Nova's own envelope says; an API gateway, Keystone, and Nova's router for a path that it does not have send JSON too.
 */
function codeOf(reply: Reply): ErrorCode {
  const { status } = reply;
  if (status >= 500 || status === 429) return 'CLOUD_UNAVAILABLE';
  if (status === 401) return 'CLOUD_UNAUTHORIZED';
  if (status < 400 || serverMessage(reply.body) === undefined) return 'CLOUD_GARBAGE';
  if (status === 403) return 'CLOUD_FORBIDDEN';
  if (status === 404) return isObject(reply.body) && 'itemNotFound' in reply.body ? 'CLOUD_NOT_FOUND' : 'CLOUD_GARBAGE';
  if (status === 409) return 'CLOUD_CONFLICT';
  return 'CLOUD_BAD_REQUEST';
}

/**
 * The server's own words. Seen: {badRequest: {message}}, {itemNotFound: …}, {error: {message, title}}, a bare
 * {message}; and {errors: [{detail}]} of newer services.
 */
function serverMessage(body: unknown): string | undefined {
  if (!isObject(body)) return undefined;
  for (const candidate of [body, ...Object.values(body).flat()]) {
    if (!isObject(candidate)) continue;
    const text = candidate.message ?? candidate.detail;
    if (typeof text === 'string' && text !== '') return plain(text);
  }
  return undefined;
}

/** A message goes into logs and terminals: no control characters, one line. */
function plain(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what must go
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
}

function withoutSecrets(text: string | undefined, secrets: readonly string[]): string | undefined {
  return secrets.reduce((shown, secret) => (secret === '' ? shown : shown?.replaceAll(secret, '***')), text);
}

function shorten(text: string): string {
  return text.length <= LONGEST_MESSAGE ? text : `${text.slice(0, LONGEST_MESSAGE)}…`;
}

/** OpenSSL's and Node's names for a certificate or a handshake that is not accepted. */
const TLS_CODE = /CERT|^ERR_SSL|^ERR_TLS|^EPROTO$|SELF_SIGNED|UNABLE_TO_|^HOSTNAME_MISMATCH$/;

/** The error for a request that brought no answer. Takes the code only: what axios throws carries headers. */
export function transportError(what: string, code: string): LifeboatError {
  if (TLS_CODE.test(code)) return new LifeboatError('CLOUD_TLS', `${what}: no secure connection (${code})`);
  if (code === CONNECT_TIMED_OUT) return new LifeboatError('CLOUD_UNREACHABLE', `${what}: could not connect in time`);
  return new LifeboatError('CLOUD_UNREACHABLE', `${what}: no answer (${code})`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
