import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Lab } from '../../cluster/lab/index.ts';
import type { RelayedAnswer, RelayedRequest } from './fetch-loop.ts';

/**
 * A `fetch` whose requests are made in the network of the lab's switch, which the test itself is not in. Knows what
 * novaClient needs: method, headers, a text as body.
 */
export function switchFetch(lab: Lab): typeof fetch {
  const child = lab.spawnInSwitch([process.execPath, join(import.meta.dirname, 'fetch-loop.ts')]);
  const waiting = new Map<number, (answer: RelayedAnswer) => void>();
  let last = 0;
  child.stderr.resume();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as RelayedAnswer;
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  return async (input, init = {}) => {
    const { href: url } = new URL(input instanceof Request ? input.url : input);
    const answer = await new Promise<RelayedAnswer>((resolve, reject) => {
      const id = (last += 1);
      waiting.set(id, resolve);
      init.signal?.addEventListener('abort', () => reject(new Error(`no answer of ${url}`)));
      const request: RelayedRequest = {
        id,
        url,
        method: init.method ?? 'GET',
        headers: Object.fromEntries(new Headers(init.headers)),
        body: typeof init.body === 'string' ? init.body : null,
      };
      child.stdin.write(`${JSON.stringify(request)}\n`);
    });
    if (answer.error !== undefined) throw new Error(answer.error);
    const isEmpty = answer.status === 204 || answer.status === 304;
    return new Response(isEmpty ? null : answer.body, { status: answer.status, headers: { ...answer.headers } });
  };
}
