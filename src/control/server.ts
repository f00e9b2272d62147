import { chmodSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { LifeboatError, messageOf } from '../errors.ts';
import type { Logger } from '../ports.ts';
import { claimSocket } from './claim-socket.ts';
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

export interface ControlServer {
  /** Stops listening and removes the socket; callers that wait for an answer are cut off. */
  close(): Promise<void>;
}

/**
 * Serves the control socket until closed. A socket that a dead daemon left is removed; a living one is never taken.
 * Throws SOCKET_TAKEN when another daemon serves the path, or it cannot be bound.
 */
export async function serveControl(options: ControlOptions): Promise<ControlServer> {
  const { path, handlers, logger, patienceMs = 5_000, maxConnections = 64 } = options;
  await claimSocket(path, process.pid);
  const callers = new Set<Socket>();
  // A caller may close its sending side as soon as its line is out, and still wait for the answer.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    callers.add(socket);
    socket.on('close', () => callers.delete(socket));
    // A caller that went away is its own business.
    socket.on('error', (error) => {
      logger.debug({ error: messageOf(error) }, 'a caller of the control socket went away');
    });
    socket.setTimeout(patienceMs, () => {
      socket.destroy();
    });
    void takeLine(socket).then(async (line) => {
      if (line === undefined) return;
      socket.setTimeout(0);
      const response = await respond(line, handlers, logger);
      socket.end(`${JSON.stringify(response)}\n`, () => {
        socket.destroy();
      });
    });
  });
  server.maxConnections = maxConnections;
  await listen(server, path);
  // Out of file descriptors, say: this caller is lost, the next may be served.
  server.on('error', (error) => {
    logger.error({ error: messageOf(error) }, 'the control socket could not take a caller');
  });
  chmodSync(path, 0o660);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of callers) socket.destroy();
      }),
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(new LifeboatError('SOCKET_TAKEN', `the control socket ${path} cannot be made: ${error.message}`));
    });
    server.listen(path, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

/** The first line; what came when the caller closed without one; undefined when it left. Too much ends in a bad line. */
function takeLine(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end < 0 && text.length <= REQUEST_LIMIT) return;
      // Whatever follows is read and dropped: closing with unread bytes would reset the caller before it has its answer.
      socket.removeAllListeners('data').resume();
      resolve(end < 0 ? text : text.slice(0, end));
    });
    socket.on('end', () => {
      resolve(text);
    });
    socket.on('close', () => {
      resolve(undefined);
    });
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
