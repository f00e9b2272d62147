import { Fault } from './fault.ts';
import { problemOf, type BodySchema } from './check-body.ts';

/** What stands under `name` in a body that has passed its schema. Throws a Fault of 400. */
export function checked(body: unknown, name: string, schema: BodySchema): Readonly<Record<string, unknown>> {
  const problem = problemOf(body, schema);
  if (problem !== undefined) throw new Fault(400, problem);
  return (body as Readonly<Record<string, Readonly<Record<string, unknown>>>>)[name] ?? {};
}

/** Undefined for what is not there, and for null. */
export function textIn(given: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = given[name];
  return typeof value === 'string' ? value : undefined;
}
