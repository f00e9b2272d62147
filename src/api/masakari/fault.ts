/** Names of Masakari's faults by their status; every other one is called masakariFault. */
export const FAULT_NAMES: Readonly<Record<number, string>> = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  409: 'conflictingRequest',
  413: 'overLimit',
  415: 'badMediaType',
  429: 'overLimit',
  501: 'notImplemented',
  503: 'serviceUnavailable',
};

/** What a client is told instead of an answer. Its message is for the client: never anything of ours that it should not know. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }

  get body(): Readonly<Record<string, unknown>> {
    const retryAfter = this.headers['retry-after'];
    return {
      [FAULT_NAMES[this.status] ?? 'masakariFault']: {
        code: this.status,
        message: this.message,
        ...(retryAfter !== undefined && (this.status === 413 || this.status === 429) ? { retryAfter } : {}),
      },
    };
  }
}
