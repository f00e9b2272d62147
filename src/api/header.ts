import type { FastifyRequest } from 'fastify';

/** The first one when it was sent more than once. `name`: lower case. */
export function headerOf({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
