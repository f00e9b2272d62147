/** Runs in the switch's network: one JSON request a line in, one JSON answer a line out. See switch-fetch.ts. */
import { createInterface } from 'node:readline';

export interface RelayedRequest {
  readonly id: number;
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface RelayedAnswer {
  readonly id: number;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly error?: string;
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, url, method, headers, body } = JSON.parse(line) as RelayedRequest;
  void fetch(url, { method, headers: { ...headers, connection: 'close' }, body })
    .then(async (answer): Promise<RelayedAnswer> => {
      return { id, status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
    })
    .catch((error: unknown): RelayedAnswer => ({ id, status: 0, headers: {}, body: '', error: String(error) }))
    .then((answer) => process.stdout.write(`${JSON.stringify(answer)}\n`));
});
