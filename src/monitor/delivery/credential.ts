/** By what the API knows this host. What it gives is a secret, and goes nowhere but into a request. */
export interface Credential {
  /** The value of X-Auth-Token. Rejects when there is none now. */
  readonly token: (signal: AbortSignal) => Promise<string>;
  /** The API has refused it with 401. Answers whether there may be a better one now. */
  readonly refused: (token: string) => boolean;
  /** What to do when it is refused all the same. */
  readonly remedy: string;
}
