import type { GateAnswer, GatePurpose } from '../engine/gate.ts';
import { messageOf } from '../errors.ts';
import { sleep, type Clock } from '../ports.ts';
import { exchange } from './exchange.ts';

export interface EnginesChoice {
  /** Base URLs, one for each controller. */
  readonly engines: readonly string[];
  readonly requestTimeoutMs: number;
  /** PEM; undefined: the authorities of Node.js. */
  readonly ca: string | undefined;
}

export interface EngineSays {
  readonly engine: string;
  readonly answer: GateAnswer;
}

export type EnginesSay =
  | ({ readonly kind: 'answered' } & EngineSays)
  /** Nobody did; one reason for each that was asked. */
  | { readonly kind: 'silent'; readonly reasons: readonly string[] };

/** Once one engine has said open or closed, the others have this long to say otherwise. */
const OTHERS_MS = 1_000;

/**
 * Asks all of them at once. One engine is active, so one answers; should two do (a deposed one that has not noticed), the
 * more careful answer of those that know counts: closed, then open, then unknown. Never rejects.
 */
export async function askEngines(
  choice: EnginesChoice,
  clock: Clock,
  host: string,
  purpose: GatePurpose,
): Promise<EnginesSay> {
  const giveUp = new AbortController();
  const known = Promise.withResolvers<undefined>();
  const answers: EngineSays[] = [];
  const reasons: string[] = [];
  const asked = choice.engines.map(async (engine) => {
    try {
      const answer = await askOne(engine, choice, clock, host, purpose, giveUp.signal);
      answers.push({ engine, answer });
      if (answer.gate !== 'unknown') known.resolve(undefined);
    } catch (error) {
      reasons.push(`${engine}: ${messageOf(error)}`);
    }
  });
  const soonAfter = known.promise.then(() => sleep(clock, OTHERS_MS, giveUp.signal)).catch(() => undefined);
  await Promise.race([Promise.all(asked), soonAfter]);
  giveUp.abort(new Error('another engine has answered'));
  const [best] = CAREFUL.flatMap((gate) => answers.filter(({ answer }) => answer.gate === gate));
  return best === undefined ? { kind: 'silent', reasons } : { kind: 'answered', ...best };
}

const CAREFUL: readonly GateAnswer['gate'][] = ['closed', 'open', 'unknown'];

/** Rejects unless it is an answer of ours, whole and in time. */
async function askOne(
  engine: string,
  { ca, requestTimeoutMs }: EnginesChoice,
  clock: Clock,
  host: string,
  purpose: GatePurpose,
  signal: AbortSignal,
): Promise<GateAnswer> {
  const tooLate = new AbortController();
  const cancel = clock.schedule(requestTimeoutMs, () => {
    tooLate.abort();
  });
  const either = AbortSignal.any([signal, tooLate.signal]);
  try {
    const url = new URL(`${engine}/lifeboat/v1/hosts/${encodeURIComponent(host)}/gate?for=${purpose}`);
    const { status, text } = await exchange({ method: 'GET', url, headers: {}, ca, signal: either });
    const answer = readAnswer(text);
    if (status === 200 && answer !== undefined) return answer;
    throw new Error(`answered ${status}, and not as an engine does`);
  } catch (error) {
    if (tooLate.signal.aborted) throw new Error(`no answer within ${requestTimeoutMs} ms`, { cause: error });
    throw error;
  } finally {
    cancel();
  }
}

/** Undefined when it is not the answer of GET /lifeboat/v1/hosts/{host}/gate. */
function readAnswer(text: string): GateAnswer | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof body !== 'object' || body === null || !('gate' in body) || !('reason' in body)) return undefined;
  const gate = CAREFUL.find((one) => one === body.gate);
  if (gate === undefined || typeof body.reason !== 'string') return undefined;
  const remedy = 'remedy' in body && typeof body.remedy === 'string' ? { remedy: oneLine(body.remedy) } : {};
  const sinceMs = 'since' in body && typeof body.since === 'string' ? Date.parse(body.since) : Number.NaN;
  return { gate, reason: oneLine(body.reason), ...remedy, ...(Number.isNaN(sinceMs) ? {} : { sinceMs }) };
}

/** It goes to the journal: whoever answers may not forge lines there. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').slice(0, 1_000);
}
