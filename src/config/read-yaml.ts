import { isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { LifeboatError } from '../errors.ts';
import { documentationAt, keysAt } from './documentation.ts';

/**
 * Text to checked keys. Throws CONFIG_INVALID with every mistake at once, each on a line of its own and with the place
 * where it stands. A value is shown only when it is short and plain: somebody may have pasted a secret in its place.
 */
export function readYaml<Schema extends z.ZodObject>(text: string, name: string, schema: Schema): z.output<Schema> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const broken = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return `${name}:${line}:${col}: not YAML: ${error.message}`;
  });
  if (broken.length > 0) throw invalid(broken);

  const result = schema.safeParse(plainValue(document, name));
  if (result.success) return result.data;
  const place = (path: readonly PropertyKey[]): string => {
    const { line, col } = lines.linePos(offsetOf(document, path));
    return `${name}:${line}:${col}`;
  };
  const mistakes = result.error.issues.toSorted((a, b) => offsetOf(document, a.path) - offsetOf(document, b.path));
  throw invalid(mistakes.flatMap((issue) => explain(issue, document, place, schema)));
}

function plainValue(document: Document, name: string): unknown {
  try {
    const value = (document.toJS({ maxAliasCount: 20 }) as unknown) ?? {};
    if (typeof value !== 'object' || Array.isArray(value)) return value;
    // A section whose keys are all commented out is null in YAML, and means: all defaults. So does an empty file.
    return Object.fromEntries(Object.entries(value).filter(([, section]) => section !== null));
  } catch {
    throw invalid([`${name}:1:1: its aliases cannot be resolved`]);
  }
}

function invalid(lines: readonly string[]): LifeboatError {
  return new LifeboatError('CONFIG_INVALID', lines.join('\n'));
}

type Place = (path: readonly PropertyKey[]) => string;

function explain(issue: z.core.$ZodIssue, document: Document, place: Place, schema: z.ZodObject): readonly string[] {
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path).join(', ');
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      return `${place(path)}: ${path.join('.')}: unknown key; known here: ${known}`;
    });
  }
  const key = issue.path.length === 0 ? 'the file' : issue.path.map(String).join('.');
  const words = documentationAt(schema, issue.path)?.accepts ?? 'a map of sections';
  const expected = issue.code === 'custom' ? issue.message : words;
  // A pattern that is no regular expression is inside a list: the list's words explain it better than its own.
  const wanted = issue.path.length > 2 ? words : expected;
  return [`${place(issue.path)}: ${key}: expected ${wanted}; found ${found(document, issue.path)}`];
}

function found(document: Document, path: readonly PropertyKey[]): string {
  const value: unknown = path.length === 0 ? document.toJS() : document.getIn(path, false);
  if (value === undefined) return 'nothing';
  if (value === null) return 'an empty value';
  if (typeof value === 'object') return isMap(value) || !Array.isArray(value) ? 'a map or a list' : 'a list';
  const shown = JSON.stringify(value);
  return shown.length <= 60 ? shown : `${typeof value} of ${shown.length} characters`;
}

/** Where the key at `path` is written, or the nearest thing around it that is. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const parent: unknown = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const name = path[depth - 1];
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(name));
      if (pair !== undefined && isScalar(pair.key)) return pair.key.range?.[0] ?? 0;
    }
    const node: unknown = document.getIn(path.slice(0, depth), true);
    if (isScalar(node)) return node.range?.[0] ?? 0;
  }
  return 0;
}
