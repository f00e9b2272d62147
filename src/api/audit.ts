import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../ports.ts';
import type { Caller } from './auth/caller.ts';

const ACTIONS: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'update', DELETE: 'delete' };

/** One line for each change that somebody asked for, with the fields of a CADF event: who, what, and what came of it. */
export function audit(
  logger: Logger,
  request: FastifyRequest,
  reply: FastifyReply,
  caller: Caller,
  status: number,
): void {
  const action = ACTIONS[request.method];
  if (action === undefined) return;
  const outcome = status < 400 ? 'success' : 'failure';
  const path = request.url.split('?', 1)[0] ?? '';
  logger.info(
    {
      typeURI: 'http://schemas.dmtf.org/cloud/audit/1.0/event',
      eventType: 'activity',
      action,
      outcome,
      reason: { reasonCode: String(status) },
      initiator: { id: caller.userId, name: caller.userName, project_id: caller.projectId, host: request.ip },
      target: { typeURI: 'service/ha', id: path },
      requestId: reply.getHeader('x-openstack-request-id'),
    },
    `${caller.userName ?? caller.userId} asked to ${action} ${path}: ${status}`,
  );
}
