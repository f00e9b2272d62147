/** What a route answers, before faults and headers. `body` undefined is an empty one. */
export interface Answer {
  readonly status: number;
  readonly body?: object | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Answered before the microversion was looked at. */
  readonly unversioned?: boolean;
}

/** Nova's envelope keys differ by status: as recorded. */
const ENVELOPES: Readonly<Record<number, string>> = {
  400: 'badRequest',
  403: 'forbidden',
  404: 'itemNotFound',
  409: 'conflictingRequest',
  413: 'overLimit',
  429: 'overLimit',
  503: 'serviceUnavailable',
};

export function novaError(status: number, message: string): Answer {
  return {
    status,
    body: { [ENVELOPES[status] ?? 'computeFault']: { code: status, message } },
    headers: { 'content-type': 'application/json; charset=UTF-8' },
  };
}

/** Keystone's own, and that of the token check in front of Nova: their keys come in another order. */
export function unauthorized(keystoneUrl: string): Answer {
  return {
    status: 401,
    body: {
      error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
    },
    headers: { 'www-authenticate': `Keystone uri="${keystoneUrl}"` },
  };
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Who asks, once the token was checked. */
  readonly user?: string;
  readonly projectId?: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed JSON, or undefined for an empty body; `unreadable` when it is neither. */
  readonly body: unknown;
}

export function header(call: Call, name: string): string | undefined {
  const value = call.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
