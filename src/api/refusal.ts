import type { FastifyReply } from 'fastify';

/** The body of every answer that is not a 2xx. `message` never holds what a stranger sent. */
export interface ApiError {
  readonly error: { readonly code: number; readonly title: string; readonly message: string };
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

export function errorBody(code: number, message: string): ApiError {
  return { error: { code, title: TITLES[code] ?? 'Bad Request', message } };
}

export function refuse(reply: FastifyReply, code: number, message: string): FastifyReply {
  return reply.code(code).type('application/json').send(errorBody(code, message));
}
