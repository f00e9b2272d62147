import { z } from 'zod';
import { documentation } from '../documentation.ts';
import { formatDuration, parseDuration } from '../duration.ts';

// What sections are made of. A default is a `prefault`: it is written as an operator would write it, and checked.

export function key<S extends z.ZodType>(schema: S, text: string, accepts: string, example?: string): S {
  documentation.add(schema, example === undefined ? { text, accepts } : { text, accepts, example });
  return schema;
}

export function section<S extends z.ZodType>(schema: S, text: string): S {
  return key(schema, text, 'a section with keys of its own');
}

export function duration(minMs: number, maxMs: number, byDefault: string, text: string) {
  const accepts = `a duration from ${formatDuration(minMs)} to ${formatDuration(maxMs)}, such as ${byDefault}`;
  const schema = z
    .string()
    .transform((written, context) => {
      const durationMs = parseDuration(written);
      if (durationMs !== undefined && durationMs >= minMs && durationMs <= maxMs) return durationMs;
      context.addIssue({ code: 'custom', message: accepts });
      return z.NEVER;
    })
    .prefault(byDefault);
  return key(schema, text, accepts);
}

export function count(min: number, max: number, byDefault: number, text: string) {
  return key(z.int().min(min).max(max).prefault(byDefault), text, `a whole number from ${min} to ${max}`);
}

export function truth(byDefault: boolean, text: string) {
  return key(z.boolean().prefault(byDefault), text, 'true or false');
}

export function directory(byDefault: string, text: string) {
  return key(ABSOLUTE_PATH.prefault(byDefault), text, 'an absolute path without a trailing slash');
}

export const ABSOLUTE_PATH = z.string().regex(/^(\/[^/\0]+)+$/);
export const NAME = z
  .string()
  .min(1)
  .max(255)
  .regex(/^\S(.*\S)?$/);
// What Pacemaker takes as a node name and Nova as a host name.
export const HOST_NAME = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/);
/** An address without a slash at its end. */
export const BASE_URL = z.string().transform((written, context) => {
  const url = URL.canParse(written) ? new URL(written) : undefined;
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  const isBare = url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (isHttp && isBare) return written.replace(/\/+$/, '');
  context.addIssue({ code: 'custom', message: 'an address that begins with http:// or https://' });
  return z.NEVER;
});
