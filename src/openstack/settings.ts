import { LifeboatError } from '../errors.ts';
import type { CredentialReference, Credentials, Domain, EndpointInterface, Login, Reference } from './credentials.ts';
import type { TlsTrust } from './credentials.ts';

/** The names of clouds.yaml, whose `auth` part is flattened; OS_* variables are mapped to them. */
export type Settings = Readonly<Record<string, unknown>>;

/** Where the settings came from, in words for a message: `cloud prod in /etc/openstack/clouds.yaml`. */
export interface Origin {
  readonly name: string;
  /** A field as the operator wrote it: `auth.username`, `OS_USERNAME`. */
  readonly spell: (field: string) => string;
}

export type ReadText = (path: string) => Promise<string | undefined>;

const LOGIN_TYPES: Readonly<Record<string, Login['kind']>> = {
  password: 'password',
  v3password: 'password',
  v3applicationcredential: 'application-credential',
};

/** Checks everything and throws CONFIG_INVALID that names the field and its origin, never a value. */
export async function credentialsFrom(settings: Settings, origin: Origin, readText: ReadText): Promise<Credentials> {
  const fields = readFields(settings, origin);
  const login = loginFrom(fields);
  return {
    authUrl: authUrlFrom(fields),
    login,
    region: fields.optional('region_name'),
    interface: interfaceFrom(fields),
    tls: await trustFrom(fields, readText),
  };
}

interface Fields {
  readonly origin: Origin;
  optional(field: string): string | undefined;
  required(field: string): string;
  flag(field: string): boolean | undefined;
  refuse(problem: string): never;
}

function readFields(settings: Settings, origin: Origin): Fields {
  const refuse = (problem: string): never => {
    throw new LifeboatError('CONFIG_INVALID', `${origin.name}: ${problem}`);
  };
  const optional = (field: string): string | undefined => {
    const value = settings[field];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value === 'number') return String(value);
    if (typeof value !== 'string') return refuse(`${origin.spell(field)} must be a text`);
    return value;
  };
  return {
    origin,
    optional,
    required: (field) => optional(field) ?? refuse(`${origin.spell(field)} is missing`),
    flag(field) {
      const value = settings[field];
      if (value === undefined || value === null || value === '') return undefined;
      if (typeof value === 'boolean') return value;
      const word = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
      if (/^(true|yes|on|1)$/i.test(word)) return true;
      if (/^(false|no|off|0)$/i.test(word)) return false;
      return refuse(`${origin.spell(field)} must be true or false`);
    },
    refuse,
  };
}

function authUrlFrom(fields: Fields): string {
  const text = fields.required('auth_url');
  const spelled = fields.origin.spell('auth_url');
  const url = URL.canParse(text) ? new URL(text) : fields.refuse(`${spelled} is not a URL`);
  if (!['http:', 'https:'].includes(url.protocol)) fields.refuse(`${spelled} must begin with http:// or https://`);
  if (url.username !== '' || url.password !== '') fields.refuse(`${spelled} must not hold a user or a password`);
  if (/\/v2\.0\/?$/.test(url.pathname)) fields.refuse(`${spelled} names Keystone v2.0, which Lifeboat does not speak`);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '').replace(/\/v3$/, '');
}

function loginFrom(fields: Fields): Login {
  const given = fields.optional('auth_type') ?? guessLoginType(fields);
  const kind = Object.hasOwn(LOGIN_TYPES, given) ? LOGIN_TYPES[given] : undefined;
  if (kind === 'application-credential') return applicationCredentialFrom(fields);
  if (kind === 'password') return passwordFrom(fields);
  return fields.refuse(`${fields.origin.spell('auth_type')} must be one of ${Object.keys(LOGIN_TYPES).join(', ')}`);
}

/** Without auth_type an application credential can still be told by its own fields. */
function guessLoginType(fields: Fields): string {
  return fields.optional('application_credential_secret') === undefined ? 'password' : 'v3applicationcredential';
}

function passwordFrom(fields: Fields): Login {
  if (fields.optional('application_credential_secret') !== undefined) {
    fields.refuse(`${fields.origin.spell('application_credential_secret')} contradicts a login by password`);
  }
  const user = userFrom(fields);
  const password = fields.required('password');
  const project = referenceFrom(fields, 'project_id', 'project_name', 'project_domain');
  if (project === undefined) {
    return fields.refuse(`${fields.origin.spell('project_name')} or ${fields.origin.spell('project_id')} is missing`);
  }
  return { kind: 'password', user, password, project };
}

/** An application credential is bound to its project; Keystone refuses a scope beside it. */
function applicationCredentialFrom(fields: Fields): Login {
  const scope = ['project_id', 'project_name'].find((field) => fields.optional(field) !== undefined);
  if (scope !== undefined) {
    fields.refuse(`${fields.origin.spell(scope)} contradicts an application credential, which has its own project`);
  }
  const secret = fields.required('application_credential_secret');
  return { kind: 'application-credential', credential: credentialFrom(fields), secret };
}

function credentialFrom(fields: Fields): CredentialReference {
  const id = fields.optional('application_credential_id');
  if (id !== undefined) return { by: 'id', id };
  const name = fields.optional('application_credential_name');
  if (name !== undefined) return { by: 'name', name, user: userFrom(fields) };
  const [byId, byName] = ['application_credential_id', 'application_credential_name'].map(fields.origin.spell);
  return fields.refuse(`${byId} or ${byName} is missing`);
}

function userFrom(fields: Fields): Reference {
  const user = referenceFrom(fields, 'user_id', 'username', 'user_domain');
  if (user !== undefined) return user;
  return fields.refuse(`${fields.origin.spell('username')} or ${fields.origin.spell('user_id')} is missing`);
}

function referenceFrom(fields: Fields, idField: string, nameField: string, domain: string): Reference | undefined {
  const id = fields.optional(idField);
  if (id !== undefined) return { id };
  const name = fields.optional(nameField);
  return name === undefined ? undefined : { name, domain: domainFrom(fields, domain) };
}

function domainFrom(fields: Fields, prefix: string): Domain {
  const id = fields.optional(`${prefix}_id`);
  if (id !== undefined) return { id };
  const name = fields.optional(`${prefix}_name`);
  if (name !== undefined) return { name };
  // `default` is the id of the domain that Keystone makes at bootstrap; openstacksdk falls back to it too.
  return { id: fields.optional('default_domain') ?? 'default' };
}

function interfaceFrom(fields: Fields): EndpointInterface {
  const word = (fields.optional('interface') ?? fields.optional('endpoint_type') ?? 'public').replace(/URL$/i, '');
  if (word === 'public' || word === 'internal' || word === 'admin') return word;
  return fields.refuse(`${fields.origin.spell('interface')} must be public, internal or admin`);
}

async function trustFrom(fields: Fields, readText: ReadText): Promise<TlsTrust> {
  const verify = fields.flag('verify');
  const insecure = fields.flag('insecure');
  if (verify === true && insecure === true) {
    fields.refuse(`${fields.origin.spell('verify')} and ${fields.origin.spell('insecure')} contradict each other`);
  }
  if (verify === false || insecure === true) return { kind: 'unverified' };
  const path = fields.optional('cacert');
  if (path === undefined) return { kind: 'system' };
  const spelled = fields.origin.spell('cacert');
  const pem = (await readText(path)) ?? fields.refuse(`${spelled} names ${path}, which does not exist`);
  if (!pem.includes('-----BEGIN CERTIFICATE-----'))
    fields.refuse(`${spelled} names ${path}, which holds no certificate`);
  return { kind: 'ca-file', path, pem };
}
