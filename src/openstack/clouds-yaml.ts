import { dirname, join } from 'node:path';
import { parseDocument } from 'yaml';
import { LifeboatError } from '../errors.ts';
import type { Credentials } from './credentials.ts';
import { credentialsFrom } from './settings.ts';
import type { ReadText, Settings } from './settings.ts';

export interface CloudsFileChoice {
  /** The entry of `clouds`; may be left out when the file has only one. */
  readonly cloud?: string;
  /** Read this file, or else the first of `searchPaths` that exists. */
  readonly file?: string;
  /** Candidates in order, such as ./clouds.yaml, ~/.config/openstack/clouds.yaml, /etc/openstack/clouds.yaml. */
  readonly searchPaths?: readonly string[];
  /** Where the secrets are; secure.yaml beside the file when left out, and then it need not exist. */
  readonly secureFile?: string;
}

type Mapping = Record<string, unknown>;

/**
 * Credentials from clouds.yaml with the secure.yaml beside it laid over it (a value there wins, as in openstacksdk).
 * Throws CONFIG_INVALID that names the file and the field.
 */
export async function readCloudsFile(choice: CloudsFileChoice, readText: ReadText): Promise<Credentials> {
  const found = await findFile(choice, readText);
  const clouds = cloudsOf(parse(found.text, found.path), found.path);
  const securePath = choice.secureFile ?? join(dirname(found.path), 'secure.yaml');
  const secureText = await readText(securePath);
  if (secureText === undefined && choice.secureFile !== undefined) {
    throw new LifeboatError('CONFIG_INVALID', `${securePath} does not exist`);
  }
  const secure = secureText === undefined ? {} : cloudsOf(parse(secureText, securePath), securePath);
  const name = chooseCloud(choice.cloud, clouds, found.path);
  const settings = flatten(merge(asMapping(clouds[name]), asMapping(secure[name])), `cloud ${name} in ${found.path}`);
  const origin = {
    name: `cloud ${name} in ${found.path}`,
    spell: (field: string): string => (TOP_LEVEL.has(field) ? field : `auth.${field}`),
  };
  return credentialsFrom(settings, origin, readText);
}

const TOP_LEVEL: ReadonlySet<string> = new Set([
  'auth_type',
  'region_name',
  'interface',
  'endpoint_type',
  'verify',
  'cacert',
  'insecure',
]);

async function findFile(
  choice: CloudsFileChoice,
  readText: ReadText,
): Promise<{ readonly path: string; readonly text: string }> {
  const candidates = choice.file === undefined ? (choice.searchPaths ?? []) : [choice.file];
  for (const path of candidates) {
    const text = await readText(path);
    if (text !== undefined) return { path, text };
  }
  throw new LifeboatError('CONFIG_INVALID', `no clouds.yaml found; looked for ${candidates.join(', ') || 'none'}`);
}

/** A parser's message can quote the line, and the line can hold a password: only the position is told. */
function parse(text: string, path: string): unknown {
  const document = parseDocument(text, { prettyErrors: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = error.linePos?.[0].line;
    throw new LifeboatError('CONFIG_INVALID', `${path}: not valid YAML${line === undefined ? '' : `, line ${line}`}`);
  }
  return document.toJS({ maxAliasCount: 100 }) as unknown;
}

function cloudsOf(document: unknown, path: string): Mapping {
  const clouds = isMapping(document) ? document.clouds : undefined;
  if (isMapping(clouds)) return clouds;
  throw new LifeboatError('CONFIG_INVALID', `${path}: clouds is missing or no mapping`);
}

function chooseCloud(wanted: string | undefined, clouds: Mapping, path: string): string {
  const names = Object.keys(clouds);
  const [only] = names;
  if (wanted === undefined && names.length === 1 && only !== undefined) return only;
  if (wanted === undefined) {
    throw new LifeboatError('CONFIG_INVALID', `${path}: holds ${names.length} clouds, say which: ${names.join(', ')}`);
  }
  if (Object.hasOwn(clouds, wanted)) return wanted;
  throw new LifeboatError('CONFIG_INVALID', `${path}: has no cloud ${wanted}, only ${names.join(', ') || 'none'}`);
}

/** `auth` is laid over the rest: both places are allowed for its fields. */
function flatten(cloud: Mapping, origin: string): Settings {
  const { auth, ...rest } = cloud;
  if (rest.profile !== undefined) {
    throw new LifeboatError('CONFIG_INVALID', `${origin}: profile is not supported, write the fields out`);
  }
  if (auth !== undefined && !isMapping(auth)) {
    throw new LifeboatError('CONFIG_INVALID', `${origin}: auth is no mapping`);
  }
  return { ...rest, ...auth };
}

function merge(base: Mapping, over: Mapping): Mapping {
  const merged: Mapping = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key];
    merged[key] = isMapping(before) && isMapping(value) ? merge(before, value) : value;
  }
  return merged;
}

function asMapping(value: unknown): Mapping {
  return isMapping(value) ? value : {};
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
