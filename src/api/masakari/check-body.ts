import { repr, str } from './python-words.ts';

/** As much of JSON Schema as Masakari's requests need, in the order in which it is checked. */
export interface BodySchema {
  readonly type?: readonly ('object' | 'string' | 'boolean' | 'null')[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: 'name' | 'date-time' | 'uuid';
  readonly oneOf?: readonly (string | boolean)[];
  /** Masakari shows some lists of values as a tuple. */
  readonly shownAs?: 'tuple';
  readonly properties?: Readonly<Record<string, BodySchema>>;
  /** Of every other property, whose name must match. */
  readonly others?: { readonly pattern: string; readonly schema: BodySchema };
  readonly required?: readonly string[];
  /** At least one of the properties must be there. */
  readonly notEmpty?: true;
}

interface Problem {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly message: string;
  /** The message alone is told. */
  readonly isWhole?: true;
}

/** Undefined when the body is good; else what Masakari says of the first thing that is wrong. */
export function problemOf(body: unknown, schema: BodySchema): string | undefined {
  const problem = firstProblem(body, schema, []);
  if (problem === undefined) return undefined;
  const field = problem.path.at(-1);
  if (field === undefined || problem.isWhole === true) return problem.message;
  return `Invalid input for field/attribute ${field}. Value: ${str(problem.value)}. ${problem.message}`;
}

function firstProblem(value: unknown, schema: BodySchema, path: readonly string[]): Problem | undefined {
  const wrong = (message: string): Problem => ({ path, value, message });
  if (schema.type !== undefined && !schema.type.some((type) => isOf(value, type))) {
    return wrong(`${repr(value)} is not of type ${schema.type.map((type) => `'${type}'`).join(', ')}`);
  }
  if (typeof value === 'string') return problemOfText(value, schema, path);
  if (schema.oneOf !== undefined && !isOneOf(value, schema.oneOf)) return wrong(notOneOf(value, schema));
  if (!isOf(value, 'object')) return undefined;
  return problemOfObject(value as Readonly<Record<string, unknown>>, schema, path);
}

function problemOfText(value: string, schema: BodySchema, path: readonly string[]): Problem | undefined {
  const wrong = (message: string): Problem => ({ path, value, message });
  const { format, maxLength, minLength = 0, oneOf, pattern } = schema;
  if (oneOf !== undefined) return isOneOf(value, oneOf) ? undefined : wrong(notOneOf(value, schema));
  // Python counts code points.
  const length = [...value].length;
  if (length < minLength) return wrong(`${repr(value)} is too short`);
  if (maxLength !== undefined && length > maxLength) return wrong(`${repr(value)} is too long`);
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) {
    return wrong(`${repr(value)} does not match ${repr(pattern)}`);
  }
  if (format === 'name' && !NAME_FORM.test(value)) return { ...wrong(BAD_NAME), isWhole: true };
  if (format === 'uuid' && !UUID.test(value)) return wrong(`${repr(value)} is not a 'uuid'`);
  if (format === 'date-time' && parseTime(value) === undefined) return wrong(`${repr(value)} is not a 'date-time'`);
  return undefined;
}

function problemOfObject(
  value: Readonly<Record<string, unknown>>,
  schema: BodySchema,
  path: readonly string[],
): Problem | undefined {
  const wrong = (message: string): Problem => ({ path, value, message });
  const { notEmpty, others, properties = {}, required = [] } = schema;
  for (const [name, child] of Object.entries(properties)) {
    if (!Object.hasOwn(value, name)) continue;
    const problem = firstProblem(value[name], child, [...path, name]);
    if (problem !== undefined) return problem;
  }
  const unknown = Object.keys(value).filter((name) => !Object.hasOwn(properties, name));
  if (others !== undefined) {
    const pattern = new RegExp(others.pattern, 'u');
    const bad = unknown.filter((name) => !pattern.test(name));
    if (bad.length > 0) return wrong(`${listed(bad)} do not match any of the regexes: ${repr(others.pattern)}`);
    for (const name of unknown) {
      const problem = firstProblem(value[name], others.schema, [...path, name]);
      if (problem !== undefined) return problem;
    }
  }
  const missing = required.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) return wrong(`${repr(missing)} is a required property`);
  if (schema.properties !== undefined && others === undefined && unknown.length > 0) {
    const were = unknown.length === 1 ? 'was' : 'were';
    return wrong(`Additional properties are not allowed (${listed(unknown)} ${were} unexpected)`);
  }
  if (notEmpty === true && Object.keys(value).length === 0) {
    return wrong(`${repr(value)} is not valid under any of the given schemas`);
  }
  return undefined;
}

function listed(names: readonly string[]): string {
  return names.map((each) => repr(each)).join(', ');
}

function isOf(value: unknown, type: 'object' | 'string' | 'boolean' | 'null'): boolean {
  if (type === 'null') return value === null || value === undefined;
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}

/** As Python compares: 1 is True and 0 is False. */
function isOneOf(value: unknown, values: readonly (string | boolean)[]): boolean {
  return values.some((each) => each === value || (typeof each === 'boolean' && value === Number(each)));
}

function notOneOf(value: unknown, { oneOf = [], shownAs }: BodySchema): string {
  const [open, close] = shownAs === 'tuple' ? ['(', ')'] : ['[', ']'];
  return `${repr(value)} is not one of ${open}${oneOf.map((each) => repr(each)).join(', ')}${close}`;
}

const BAD_NAME =
  "An invalid 'name' value was provided. The name must be: printable characters. Can not start or end with whitespace.";

/** Printable: no control character, and of the separators only those that are blanks, which do not stand at an end. */
export const NAME_PATTERN = '^(?!\\s)[^\\p{C}\\p{Zl}\\p{Zp}]*(?<!\\s)$';
export const UUID_PATTERN = '^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$';
export const TIME_PATTERN =
  '^(\\d{4})-?(\\d{2})-?(\\d{2})(?:[T ](\\d{2})(?::?(\\d{2})(?::?(\\d{2})(?:[.,](\\d{1,9}))?)?)?(Z|[+-]\\d{2}(?::?\\d{2})?)?)?$';

const NAME_FORM = new RegExp(NAME_PATTERN, 'u');
const UUID = new RegExp(UUID_PATTERN, 'u');
const TIME = new RegExp(TIME_PATTERN, 'u');

/** ISO 8601 as oslo reads it, without an offset UTC; milliseconds since the epoch. Undefined when it is none. */
export function parseTime(text: string): number | undefined {
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '0', zone = 'Z'] =
    TIME.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const base = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${offsetOf(zone)}`);
  const isRealDay = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  return Number.isNaN(base) || !isRealDay ? undefined : base + Number(`0.${fraction}`) * 1000;
}

function offsetOf(zone: string): string {
  if (zone === 'Z') return 'Z';
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  return `${zone[0] ?? '+'}${digits.slice(0, 2)}:${digits.slice(2)}`;
}
