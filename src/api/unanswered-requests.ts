import type { FastifyInstance } from 'fastify';
import type { Socket } from 'node:net';

/** A client that waits for its answers has one; one more may come while the last answer is still being written out. */
const AT_ONE_TIME = 8;

/**
 * Hangs up on a connection that sends request after request without waiting. HTTP allows it, no client of ours does it,
 * and each of them waits for a reading of the cluster: one megabyte of such bytes took the daemon 8 s of CPU and 270 MB.
 */
export function limitUnanswered(app: FastifyInstance): void {
  const unanswered = new WeakMap<Socket, number>();
  app.addHook('onRequest', (request, reply, done) => {
    const { socket } = request.raw;
    const before = unanswered.get(socket) ?? 0;
    unanswered.set(socket, before + 1);
    if (before < AT_ONE_TIME) {
      reply.raw.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1));
      done();
      return;
    }
    reply.hijack();
    socket.destroy();
  });
}
