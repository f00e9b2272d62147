import { messageOf } from '../errors.ts';
import type { Logger } from '../ports.ts';
import { serveLines, type LineServer } from './line-server.ts';
import type {
  AlertVariables,
  Answers,
  ControlRequest,
  ControlResponse,
  Health,
  Order,
  OrderAnswer,
  PlanStatus,
  Status,
} from './protocol.ts';
import { parseRequest, REQUEST_LIMIT } from './request.ts';

/** What the daemon says. `wake` must return at once: the alert agent, and with it Pacemaker's executor, waits for it. */
export interface ControlHandlers {
  readonly wake: (alert: AlertVariables) => void;
  readonly health: () => Health;
  readonly status: () => Status | Promise<Status>;
  readonly plan: (host: string) => Promise<PlanStatus>;
  readonly order: (order: Order) => Promise<OrderAnswer>;
}

export interface ControlOptions {
  /** Its directory must exist. The socket gets mode 0660, owner and group of this process. */
  readonly path: string;
  readonly handlers: ControlHandlers;
  readonly logger: Logger;
  /** How long a caller may take to send its line. */
  readonly patienceMs?: number;
  readonly maxConnections?: number;
}

export type ControlServer = LineServer;

/**
 * Serves the control socket until closed. A socket that a dead daemon left is removed; a living one is never taken.
 * Throws SOCKET_TAKEN when another daemon serves the path, or it cannot be bound.
 */
export function serveControl({ handlers, ...options }: ControlOptions): Promise<ControlServer> {
  return serveLines({
    ...options,
    limit: REQUEST_LIMIT,
    answer: (line) => respond(line, handlers, options.logger),
  });
}

async function respond(line: string, handlers: ControlHandlers, logger: Logger): Promise<ControlResponse> {
  if (line.length > REQUEST_LIMIT) return refusal('bad-request', `a request has at most ${REQUEST_LIMIT} characters`);
  const parsed = parseRequest(line);
  if (parsed.outcome === 'bad') return refusal('bad-request', parsed.reason);
  try {
    return { ok: true, result: await answer(parsed.request, handlers) };
  } catch (error) {
    logger.error({ op: parsed.request.op, error: messageOf(error) }, 'the control socket could not answer');
    return refusal('failed', messageOf(error));
  }
}

async function answer(request: ControlRequest, handlers: ControlHandlers): Promise<Answers[keyof Answers]> {
  switch (request.op) {
    case 'wake':
      handlers.wake(request.alert);
      return { woken: true };
    case 'health':
      return handlers.health();
    case 'status':
      return await handlers.status();
    case 'plan':
      return await handlers.plan(request.host);
    default:
      return await handlers.order(request);
  }
}

function refusal(code: 'bad-request' | 'failed', message: string): ControlResponse {
  return { ok: false, error: { code, message } };
}
