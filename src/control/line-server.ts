import { chmodSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { LifeboatError, messageOf } from '../errors.ts';
import type { Logger } from '../ports.ts';
import { claimSocket } from './claim-socket.ts';

export interface LineServerOptions {
  /** Its directory must exist. The socket gets mode 0660, owner and group of this process. */
  readonly path: string;
  /** To one line, which may be longer than `limit`, then cut. What it resolves to is sent as JSON. Must not reject. */
  readonly answer: (line: string) => Promise<object>;
  /** Of a line, in characters. */
  readonly limit: number;
  readonly logger: Logger;
  /** How long a caller may take to send its line. */
  readonly patienceMs?: number;
  readonly maxConnections?: number;
}

export interface LineServer {
  /** Stops listening and removes the socket; callers that wait for an answer are cut off. */
  close(): Promise<void>;
}

/**
 * One line in, one line out, on a socket of this node, until closed. A socket that a dead process left is removed; a
 * living one is never taken. Throws SOCKET_TAKEN when another process serves the path, or it cannot be bound.
 */
export async function serveLines(options: LineServerOptions): Promise<LineServer> {
  const { answer, limit, logger, maxConnections = 64, path, patienceMs = 5_000 } = options;
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
    void takeLine(socket, limit).then(async (line) => {
      if (line === undefined) return;
      socket.setTimeout(0);
      const response = await answer(line);
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
function takeLine(socket: Socket, limit: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end < 0 && text.length <= limit) return;
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
