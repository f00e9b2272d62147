import { z } from 'zod';

/** What an operator reads of one key. Everything else that is said of it comes from the schema itself. */
export interface KeyDocumentation {
  /** Whole sentences. */
  readonly text: string;
  /** What may be written, in words that complete "expected …". */
  readonly accepts: string;
  /** YAML that shows how a key without a default, or an empty list or map, is written. */
  readonly example?: string;
}

/** One registry holds them, keyed by schema: a key is documented where it is defined, or it is not documented at all. */
export const documentation = z.registry<KeyDocumentation>();

export interface DocumentedKey extends KeyDocumentation {
  /** As written in YAML, outermost first. */
  readonly path: readonly string[];
  /** The default as a plain value; undefined: the key may be left out and has none. */
  readonly defaultValue: unknown;
}

export interface DocumentedSection {
  /** Empty for the keys that stand at the top of the file. */
  readonly name: string;
  readonly text: string;
  readonly keys: readonly DocumentedKey[];
}

/** Takes off what wraps a schema: defaults and optionality. */
function inner(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) return inner(schema.def.innerType);
  return schema;
}

function shapeOf(schema: z.ZodObject): Readonly<Record<string, z.core.$ZodType>> {
  return schema.shape;
}

/** The sections of an object schema in the order in which they are defined; loose keys come last. */
export function sectionsOf(root: z.ZodObject): readonly DocumentedSection[] {
  const sections: DocumentedSection[] = [];
  const loose: DocumentedKey[] = [];
  for (const [name, schema] of Object.entries(shapeOf(root))) {
    const body = inner(schema);
    if (body instanceof z.ZodObject) {
      const keys = Object.entries(shapeOf(body)).map(([key, child]) => documentedKey([name, key], child));
      sections.push({ name, text: documentation.get(schema)?.text ?? '', keys });
    } else {
      loose.push(documentedKey([name], schema));
    }
  }
  return [...sections, { name: '', text: 'Keys that stand at the top of the file.', keys: loose }];
}

function documentedKey(path: readonly string[], schema: z.core.$ZodType): DocumentedKey {
  const words = documentation.get(schema);
  if (words === undefined) throw new Error(`${path.join('.')} is not documented`);
  return { ...words, path, defaultValue: schema instanceof z.ZodPrefault ? schema.def.defaultValue : undefined };
}

/** The words of the key at `path`, for an error message; undefined when there is no such key. */
export function documentationAt(root: z.ZodObject, path: readonly PropertyKey[]): KeyDocumentation | undefined {
  let schema: z.core.$ZodType | undefined = root;
  let words: KeyDocumentation | undefined;
  for (const key of path) {
    const body: z.core.$ZodType | undefined = schema && inner(schema);
    // A list or a map is documented as a whole: what is wrong inside it is explained with its words.
    if (!(body instanceof z.ZodObject)) break;
    schema = shapeOf(body)[String(key)];
    words = schema && documentation.get(schema);
  }
  return words;
}

/** The keys that the section at `path` knows; empty when there is no such section. */
export function keysAt(root: z.ZodObject, path: readonly PropertyKey[]): readonly string[] {
  let body: z.core.$ZodType | undefined = root;
  for (const key of path) {
    if (!(body instanceof z.ZodObject)) return [];
    const child: z.core.$ZodType | undefined = shapeOf(body)[String(key)];
    body = child && inner(child);
  }
  return body instanceof z.ZodObject ? Object.keys(body.shape) : [];
}
