import { connect } from 'node:net';

/** The longest line that either side takes, in characters: a status of 10,000 moves is about 3 million. */
export const RESPONSE_LIMIT = 16_777_216;

/**
 * How one exchange ended. The agents tell these apart: `absent` is a daemon that is not there (no socket, or nobody
 * behind it, as after a crash), `silent` is one that is there and hangs.
 */
export type Exchange =
  | { readonly outcome: 'answered'; readonly line: string }
  | { readonly outcome: 'absent'; readonly code: string }
  /** This user may not open the socket. */
  | { readonly outcome: 'forbidden' }
  | { readonly outcome: 'silent'; readonly waitedMs: number }
  /** It hung up without a whole line, or said too much. */
  | { readonly outcome: 'broken'; readonly reason: string };

/**
 * Sends one line and takes one. Never rejects. Imports nothing but node:net: the agents bundle it, and every module
 * more would cost each of their calls.
 */
export function exchange(path: string, line: string, timeoutMs: number): Promise<Exchange> {
  return new Promise((resolve) => {
    const chunks: string[] = [];
    let length = 0;
    const socket = connect(path);
    const finish = (result: Exchange): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => {
      finish({ outcome: 'silent', waitedMs: timeoutMs });
    }, timeoutMs);
    socket.setEncoding('utf8');
    socket.on('connect', () => {
      socket.write(`${line}\n`);
    });
    socket.on('data', (chunk: string) => {
      const end = chunk.indexOf('\n');
      if (end >= 0) {
        finish({ outcome: 'answered', line: chunks.join('') + chunk.slice(0, end) });
        return;
      }
      chunks.push(chunk);
      length += chunk.length;
      if (length > RESPONSE_LIMIT) finish({ outcome: 'broken', reason: 'the answer is too long' });
    });
    socket.on('end', () => {
      finish({ outcome: 'broken', reason: 'it hung up without an answer' });
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      finish(failure(error));
    });
  });
}

function failure(error: NodeJS.ErrnoException): Exchange {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ECONNREFUSED':
    case 'ENOTSOCK':
      return { outcome: 'absent', code: error.code };
    case 'EACCES':
    case 'EPERM':
      return { outcome: 'forbidden' };
    // The backlog is full: it is there, and takes nobody.
    case 'EAGAIN':
      return { outcome: 'silent', waitedMs: 0 };
    default:
      return { outcome: 'broken', reason: error.code ?? error.message };
  }
}
