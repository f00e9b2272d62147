import { LifeboatError } from '../errors.ts';
import { exchange, type Exchange } from './exchange.ts';
import type { Answers, ControlRequest, ControlResponse } from './protocol.ts';

type AnswerTo<Request extends ControlRequest> = Answers[Request['op']];

/**
 * Asks the daemon behind the socket at `path`. Throws DAEMON_UNREACHABLE, whose message tells apart: not running, no
 * right, no answer in `timeoutMs`, an answer that is not one, a request that the daemon refused.
 */
export async function askControl<Request extends ControlRequest>(
  path: string,
  request: Request,
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<AnswerTo<Request>> {
  const result = await exchange(path, JSON.stringify(request), timeoutMs);
  if (result.outcome !== 'answered') throw new LifeboatError('DAEMON_UNREACHABLE', describe(result, path));
  const response = parseResponse<Request['op']>(result.line);
  if (response === undefined) {
    throw new LifeboatError('DAEMON_UNREACHABLE', `what listens on ${path} does not speak as lifeboatd does`);
  }
  if (!response.ok) {
    throw new LifeboatError('DAEMON_UNREACHABLE', `lifeboatd refused the ${request.op}: ${response.error.message}`);
  }
  return response.result;
}

/** One line, undefined when it is not a response. */
export function parseResponse<Op extends keyof Answers>(line: string): ControlResponse<Op> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('ok' in value)) return undefined;
  if (value.ok === true && 'result' in value && isObject(value.result)) return value as ControlResponse<Op>;
  if (value.ok !== false || !('error' in value) || !isObject(value.error)) return undefined;
  return 'message' in value.error ? (value as unknown as ControlResponse<Op>) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function describe(result: Exclude<Exchange, { outcome: 'answered' }>, path: string): string {
  switch (result.outcome) {
    case 'absent':
      return `no lifeboatd listens on ${path} (${result.code})`;
    case 'forbidden':
      return `this user may not open ${path}; be root or in the group haclient`;
    case 'silent':
      return `lifeboatd did not answer on ${path} within ${result.waitedMs} ms`;
    case 'broken':
      return `lifeboatd gave no whole answer on ${path}: ${result.reason}`;
  }
}
