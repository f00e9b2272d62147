import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { openApi } from '../../src/api/document/openapi.ts';
import { FAULT } from '../../src/api/lifeboat/schemas.ts';

/** A request and its answer, as they went over the wire. */
export interface Exchange {
  readonly method: string;
  /** With its query. */
  readonly target: string;
  readonly status: number;
  readonly contentType: string | undefined;
  readonly text: string;
}

type Json = Readonly<Record<string, unknown>>;
interface Response {
  readonly content?: Readonly<Record<string, { readonly schema: Json }>>;
}
interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Json }>> };
  readonly responses: Readonly<Record<string, Response>>;
}

const DOCUMENT = closed(JSON.parse(JSON.stringify(openApi('0')))) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};
const PATHS = Object.keys(DOCUMENT.paths).map((path) => ({ path, words: path.split('/') }));
const ajv = new Ajv2020({ strict: false, allErrors: true });
const compiled = new Map<Json, ValidateFunction>();
/** What is answered where there is nothing: ours, and Masakari's in its three forms. */
const NOWHERE = [400, 401, 403, 404, 405, 406, 408, 413, 415, 429, 431, 500, 503];

/** The schema of what is sent with the method to the address of the document; undefined: nothing is. */
export function requestSchemaAt(method: string, path: string): Json | undefined {
  return DOCUMENT.paths[path]?.[method.toLowerCase()]?.requestBody?.content['application/json']?.schema;
}

/** Each method and address of the document: "GET /v1/segments". */
export function documented(): readonly string[] {
  return PATHS.flatMap(({ path }) =>
    Object.keys(DOCUMENT.paths[path] ?? {}).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

/** What of the answer does not stand in the document; empty when it is as described. */
export function problemsWith({ contentType, method, status, target, text }: Exchange): readonly string[] {
  if (isNoHttp(status, text)) return [];
  const operation = operationOf(method, target);
  if (operation === undefined) return problemsNowhere(method, status, contentType, text);
  const response = operation.responses[String(status)];
  if (response === undefined) return [`${status} is not described`];
  if (response.content === undefined || method === 'HEAD') return text === '' ? [] : ['a body where none is described'];
  const media = contentType?.split(';', 1)[0]?.toLowerCase() ?? 'none';
  const described = response.content[media];
  if (described === undefined) return [`${media} is not described for ${status}`];
  return media === 'application/json' ? problemsOfJson(described.schema, text) : [];
}

/** As the description of the document has it. */
function isNoHttp(status: number, text: string): boolean {
  const said = /not a request that is understood here|headers of the request are larger|did not arrive within/;
  return [400, 408, 431].includes(status) && said.test(text) && problemsOfJson(FAULT, text).length === 0;
}

function problemsNowhere(
  method: string,
  status: number,
  contentType: string | undefined,
  text: string,
): readonly string[] {
  if (method === 'OPTIONS' && status === 200) return text === '' ? [] : ['a body for OPTIONS'];
  if (!NOWHERE.includes(status)) return [`${status} where nothing is described`];
  if (method === 'HEAD' || contentType?.startsWith('text/plain') === true) return [];
  return problemsOfJson({ type: 'object', minProperties: 1 }, text);
}

function problemsOfJson(schema: Json, text: string): readonly string[] {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return ['no JSON'];
  }
  const validate = compiled.get(schema) ?? ajv.compile(schema);
  compiled.set(schema, validate);
  if (validate(body)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    return `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`;
  });
}

/** /v1 with or without a project, a slash or a format at the end; what stands in the document has none of them. */
function operationOf(method: string, target: string): Operation | undefined {
  const path = plainPath(target);
  if (path === undefined) return undefined;
  const words = path.split('/');
  const fits = PATHS.filter(({ words: wanted }) => {
    if (wanted.length !== words.length) return false;
    return wanted.every((word, index) => word === words[index] || (word.startsWith('{') && words[index] !== ''));
  });
  // A word of its own is nearer than a value.
  const [nearest] = fits.toSorted((a, b) => braces(a.path) - braces(b.path));
  if (nearest === undefined) return undefined;
  // As the original's, and no other: what is asked for with HEAD is answered as GET, without a body.
  const asked = method === 'HEAD' && nearest.path.startsWith('/v1') ? 'GET' : method;
  return DOCUMENT.paths[nearest.path]?.[asked.toLowerCase()];
}

function plainPath(target: string): string | undefined {
  const [pathname = ''] = target.split('?', 1);
  try {
    decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
  if (pathname === '/') return pathname;
  const path = pathname.replace(/\/$/, '');
  if (!path.startsWith('/v1/')) return path;
  return path
    .replace(/\.(json|xml)$/, '')
    .replace(/^\/v1\/[0-9a-f-]+(?=\/(segments|notifications|extensions)(\/|$))/, '/v1')
    .replace(/^\/v1\/(?!segments|notifications|extensions)[0-9a-f-]+$/, '/v1');
}

function braces(path: string): number {
  return path.split('{').length;
}

/** Clients are to bear more than is described; the tests are not: what is answered and not described would be found by nobody. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, each]) => [name, closed(each)]);
  const isObject = 'properties' in value && 'type' in value && value.type === 'object';
  return { ...(isObject ? { additionalProperties: false } : {}), ...(Object.fromEntries(entries) as Json) };
}
