import type { Schema } from '../lifeboat/schemas.ts';

export type Operation = Readonly<Record<string, unknown>>;
/** By address, then by method in small letters. */
export type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

export function json(description: string, schema: Schema): Operation {
  return { description, content: { 'application/json': { schema } } };
}

export function plain(description: string): Operation {
  return { description, content: { 'text/plain': { schema: { type: 'string' } } } };
}

/** The same for each of these statuses. */
export function answers(statuses: readonly number[], schema: Schema): Readonly<Record<number, Operation>> {
  return Object.fromEntries(statuses.map((status) => [status, json('refused; the answer says why', schema)]));
}

export function pathParameter(name: string): Operation {
  return { name, in: 'path', required: true, schema: { type: 'string' } };
}

/** The names in braces. */
export function pathParameters(path: string): readonly Operation[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => pathParameter(name));
}

export function queryParameters(query: Readonly<Record<string, Schema>>): readonly Operation[] {
  return Object.entries(query).map(([name, schema]) => ({ name, in: 'query', schema }));
}

export function requestBody(schema: Schema): Operation {
  return { content: { 'application/json': { schema } }, required: true };
}
