import { formatDuration } from '../../config/duration.ts';

/** As it stands in YAML. */
export type Value = string | number | boolean | readonly string[];

export type Converted =
  | { readonly kind: 'value'; readonly value: Value }
  /** It stays at what Lifeboat does without it. */
  | { readonly kind: 'left'; readonly reason: string };

export type Convert = (value: string) => Converted;

export const text: Convert = (value) => ({ kind: 'value', value });

export const number: Convert = (value) =>
  /^\d{1,9}$/.test(value) ? { kind: 'value', value: Number(value) } : { kind: 'left', reason: 'it is no whole number' };

/** Of seconds. */
export const durationOf: Convert = (value) =>
  /^\d{1,9}$/.test(value)
    ? { kind: 'value', value: formatDuration(Number(value) * 1_000) }
    : { kind: 'left', reason: 'it is no whole number of seconds' };

/** As oslo.config reads one. */
export const boolean: Convert = (value) => {
  if (/^(true|1|yes|on)$/i.test(value)) return { kind: 'value', value: true };
  if (/^(false|0|no|off)$/i.test(value)) return { kind: 'value', value: false };
  return { kind: 'left', reason: 'it is neither true nor false' };
};

export const list: Convert = (value) => ({
  kind: 'value',
  value: value
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== ''),
});

/** Masakari looks for others beside its own files; where those are, only its own search knows. */
export const path: Convert = (value) =>
  value.startsWith('/') ? text(value) : { kind: 'left', reason: 'it is no absolute path: write where the file is' };
