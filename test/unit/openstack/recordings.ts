import { readFileSync } from 'node:fs';

/** One exchange with a real cloud (OpenStack Zed), as recorded. */
export interface Recording {
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
}

export function recording(name: string): Recording {
  const path = new URL(`../../samples/openstack/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')) as Recording;
}

/**
 * The keys and types of a value, without the values: `{"id":"number"}`. The rows of a list are laid over each other;
 * a list that is empty in one place and filled in another, and null beside a type, are no contradiction.
 */
export function shapeOf(value: unknown): unknown {
  if (value === null) return 'null';
  if (Array.isArray(value)) return [...new Set(value.map((item) => JSON.stringify(shapeOf(item))))].sort().slice(0, 1);
  if (typeof value !== 'object') return typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]): [string, unknown] => [key, shapeOf(inner)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Every difference between two shapes, as `path: one, other`. */
export function differences(recorded: unknown, emulated: unknown, path = ''): readonly string[] {
  if (recorded === 'null' || emulated === 'null') return [];
  if (Array.isArray(recorded) && Array.isArray(emulated)) {
    if (recorded.length === 0 || emulated.length === 0) return [];
    return differences(parse(recorded[0]), parse(emulated[0]), `${path}[]`);
  }
  if (isObject(recorded) && isObject(emulated)) {
    const keys = [...new Set([...Object.keys(recorded), ...Object.keys(emulated)])];
    return keys.flatMap((key) =>
      key in recorded && key in emulated
        ? differences(recorded[key], emulated[key], `${path}.${key}`)
        : [`${path}.${key}: only ${key in recorded ? 'recorded' : 'emulated'}`],
    );
  }
  return recorded === emulated ? [] : [`${path}: ${JSON.stringify(recorded)}, ${JSON.stringify(emulated)}`];
}

function parse(shape: unknown): unknown {
  return typeof shape === 'string' ? (JSON.parse(shape) as unknown) : shape;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
