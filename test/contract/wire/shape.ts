/**
 * The keys and types of a value, without the values: `{"id":"number"}`. The rows of a list are laid over each other:
 * a key that only some have is marked `?`.
 */
export type Shape = string | readonly Shape[] | { readonly [key: string]: Shape };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function shapeOf(value: unknown): Shape {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? [] : [value.map(shapeOf).reduce(overlay)];
  if (typeof value !== 'object') return typeof value;
  const keys = Object.keys(value);
  // A map by ids: its entries are laid over each other as the rows of a list are.
  if (keys.length > 0 && keys.every((key) => UUID.test(key)))
    return { ID: Object.values(value).map(shapeOf).reduce(overlay) };
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]): [string, Shape] => [key, shapeOf(inner)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function overlay(one: Shape, other: Shape): Shape {
  if (one === 'null') return other;
  if (other === 'null' || typeof one === 'string' || typeof other === 'string') return one;
  if (isList(one) || isList(other)) return isList(one) && one.length > 0 ? one : other;
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  return Object.fromEntries(
    keys.map((key) => {
      const [a, b] = [one[key], other[key]];
      return [key, a !== undefined && b !== undefined ? overlay(a, b) : (a ?? b ?? 'null')];
    }),
  );
}

/**
 * Every difference between two shapes, as `path: one, other`. A list that is empty in one place and filled in another,
 * and null beside a type, are no contradiction.
 */
export function differences(expected: Shape, found: Shape, path = ''): readonly string[] {
  if (expected === 'null' || found === 'null') return [];
  if (isList(expected) && isList(found)) {
    const [one, other] = [expected[0], found[0]];
    return one === undefined || other === undefined ? [] : differences(one, other, `${path}[]`);
  }
  if (isObject(expected) && isObject(found)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
    return keys.flatMap((key) => {
      const [one, other] = [expected[key], found[key]];
      if (one !== undefined && other !== undefined) return differences(one, other, `${path}.${key}`);
      return [`${path}.${key}: ${one === undefined ? 'not in the recording' : 'missing'}`];
    });
  }
  return expected === found ? [] : [`${path}: ${JSON.stringify(expected)} recorded, ${JSON.stringify(found)} found`];
}

function isList(shape: Shape): shape is readonly Shape[] {
  return Array.isArray(shape);
}

function isObject(shape: Shape): shape is { readonly [key: string]: Shape } {
  return typeof shape === 'object' && !isList(shape);
}
