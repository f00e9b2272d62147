import { describe, expect, it } from 'vitest';
import { readCloudsFile } from '../../../src/openstack/clouds-yaml.ts';
import type { CloudsFileChoice } from '../../../src/openstack/clouds-yaml.ts';
import type { Credentials } from '../../../src/openstack/credentials.ts';
import { readEnvironment } from '../../../src/openstack/environment.ts';
import { loginRequest } from '../../../src/openstack/login-request.ts';
import { LifeboatError } from '../../../src/errors.ts';

const CLOUDS = `
clouds:
  prod:
    auth:
      auth_url: https://keystone.example:5000/v3/
      username: lifeboat
      project_name: service
      user_domain_name: Services
    region_name: north
    interface: internal
`;
const SECURE = `
clouds:
  prod:
    auth:
      password: hunter2
`;
const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

type Files = Readonly<Record<string, string>>;
const read = (files: Files, choice: CloudsFileChoice): Promise<Credentials> =>
  readCloudsFile(choice, async (path) => files[path]);
const readProd = (clouds: string, secure = SECURE): Promise<Credentials> =>
  read(
    { '/etc/openstack/clouds.yaml': clouds, '/etc/openstack/secure.yaml': secure, '/ca.pem': PEM },
    { file: '/etc/openstack/clouds.yaml', cloud: 'prod' },
  );
const env = (variables: Readonly<Record<string, string>>): Promise<Credentials> =>
  readEnvironment(variables, async (path) => ({ '/ca.pem': PEM })[path]);
const OPENRC = {
  OS_AUTH_URL: 'http://keystone.example/identity/v3',
  OS_USERNAME: 'admin',
  OS_PASSWORD: 'hunter2',
  OS_PROJECT_NAME: 'admin',
};

/** The message of the CONFIG_INVALID that was thrown. Whatever it says, the secret is not in it. */
async function complaint(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LifeboatError);
  expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
  const { message } = error as LifeboatError;
  expect(message).not.toContain('hunter2');
  return message;
}

describe('clouds.yaml', () => {
  it('is laid together with the secure.yaml beside it', async () => {
    expect(await readProd(CLOUDS)).toEqual({
      authUrl: 'https://keystone.example:5000',
      login: {
        kind: 'password',
        user: { name: 'lifeboat', domain: { name: 'Services' } },
        password: 'hunter2',
        project: { name: 'service', domain: { id: 'default' } },
      },
      region: 'north',
      interface: 'internal',
      tls: { kind: 'system' },
    });
  });

  it('gives way to secure.yaml where both have a value', async () => {
    const both = CLOUDS.replace('username:', 'password: old\n      username:');
    expect((await readProd(both)).login).toMatchObject({ password: 'hunter2' });
  });

  it('is searched in the order of the paths, and the secrets beside the one that was found', async () => {
    const files = {
      '/etc/openstack/clouds.yaml': 'clouds: {}',
      '/home/a/clouds.yaml': CLOUDS,
      '/home/a/secure.yaml': SECURE,
    };
    const searchPaths = ['/cwd/clouds.yaml', '/home/a/clouds.yaml', '/etc/openstack/clouds.yaml'];
    expect((await read(files, { searchPaths })).login).toMatchObject({ password: 'hunter2' });
  });

  it('takes the secrets from another place when told so, and misses them there', async () => {
    const files = { '/a/clouds.yaml': CLOUDS, '/b/secret.yaml': SECURE };
    const there = await read(files, { file: '/a/clouds.yaml', secureFile: '/b/secret.yaml' });
    expect(there.login).toMatchObject({ password: 'hunter2' });
    const gone = read(files, { file: '/a/clouds.yaml', secureFile: '/b/gone.yaml' });
    expect(await complaint(gone)).toBe('/b/gone.yaml does not exist');
  });

  it('needs no cloud name when it holds one cloud, and lists them when it holds several', async () => {
    const files = { '/c.yaml': `${CLOUDS}  other: {}\n`, '/secure.yaml': SECURE };
    expect(await complaint(read(files, { file: '/c.yaml' }))).toBe('/c.yaml: holds 2 clouds, say which: prod, other');
    expect(await complaint(read(files, { file: '/c.yaml', cloud: 'dev' }))).toBe(
      '/c.yaml: has no cloud dev, only prod, other',
    );
  });

  it.each([
    ['a missing file', {}, 'no clouds.yaml found; looked for /c.yaml'],
    ['no clouds', { '/c.yaml': 'a: 1' }, '/c.yaml: clouds is missing or no mapping'],
    ['an empty file', { '/c.yaml': '' }, '/c.yaml: clouds is missing or no mapping'],
    [
      'a broken file',
      { '/c.yaml': 'clouds:\n  prod:\n    auth: {password: hunter2' },
      '/c.yaml: not valid YAML, line 3',
    ],
    [
      'auth that is a text',
      { '/c.yaml': 'clouds: {prod: {auth: hunter2}}' },
      'cloud prod in /c.yaml: auth is no mapping',
    ],
  ])('refuses %s', async (_, files, message) => {
    expect(await complaint(read(files, { file: '/c.yaml', cloud: 'prod' }))).toBe(message);
  });

  it.each([
    ['      auth_url: https://keystone.example:5000/v3/\n', '', 'auth.auth_url is missing'],
    ['https://keystone.example:5000/v3/', 'keystone', 'auth.auth_url is not a URL'],
    ['https://keystone.example:5000/v3/', 'ftp://k/', 'auth.auth_url must begin with http:// or https://'],
    ['https://key', 'https://u:hunter2@key', 'auth.auth_url must not hold a user or a password'],
    ['5000/v3/', '5000/v2.0', 'auth.auth_url names Keystone v2.0, which Lifeboat does not speak'],
    ['      username: lifeboat\n', '', 'auth.username or auth.user_id is missing'],
    ['      project_name: service\n', '', 'auth.project_name or auth.project_id is missing'],
    ['username: lifeboat', 'username: [a]', 'auth.username must be a text'],
    ['interface: internal', 'interface: secret', 'interface must be public, internal or admin'],
    [
      'interface: internal',
      'auth_type: v3oidcpassword',
      'auth_type must be one of password, v3password, v3applicationcredential',
    ],
    ['interface: internal', 'verify: maybe', 'verify must be true or false'],
    ['interface: internal', 'verify: true\n    insecure: true', 'verify and insecure contradict each other'],
    ['interface: internal', 'cacert: /no.pem', 'cacert names /no.pem, which does not exist'],
    ['interface: internal', 'profile: vexxhost', 'profile is not supported, write the fields out'],
    [
      'username: lifeboat',
      'username: a\n      application_credential_secret: hunter2\n      auth_type: password',
      'auth.application_credential_secret contradicts a login by password',
    ],
  ])('with %j made %j says: %s', async (was, is, message) => {
    expect(CLOUDS).toContain(was);
    expect(await complaint(readProd(CLOUDS.replace(was, is)))).toBe(
      `cloud prod in /etc/openstack/clouds.yaml: ${message}`,
    );
  });

  it('misses the password by name when secure.yaml has none', async () => {
    expect(await complaint(readProd(CLOUDS, 'clouds: {}'))).toMatch(/auth\.password is missing$/);
  });

  it('takes an application credential by id, and by name with its user', async () => {
    const base = 'clouds:\n  prod:\n    auth_type: v3applicationcredential\n    auth:\n      auth_url: http://k\n';
    const secret = 'clouds: {prod: {auth: {application_credential_secret: hunter2}}}';
    const byId = await readProd(`${base}      application_credential_id: abc\n`, secret);
    expect(loginRequest(byId)).toEqual({
      auth: {
        identity: { methods: ['application_credential'], application_credential: { id: 'abc', secret: 'hunter2' } },
      },
    });
    const named = `${base}      application_credential_name: boat\n      user_id: u1\n`;
    expect(loginRequest(await readProd(named, secret))).toEqual({
      auth: {
        identity: {
          methods: ['application_credential'],
          application_credential: { name: 'boat', user: { id: 'u1' }, secret: 'hunter2' },
        },
      },
    });
    expect(await complaint(readProd(base, secret))).toMatch(
      /auth\.application_credential_id or auth\.application_credential_name is missing$/,
    );
    const scoped = `${base}      application_credential_id: abc\n      project_name: p\n`;
    expect(await complaint(readProd(scoped, secret))).toMatch(/project_name contradicts an application credential/);
    expect(await complaint(readProd(`${base}      application_credential_id: abc\n`, 'clouds: {}'))).toMatch(
      /auth\.application_credential_secret is missing$/,
    );
  });

  it.each([
    ['verify: false', { kind: 'unverified' }],
    ['insecure: true', { kind: 'unverified' }],
    ['cacert: /ca.pem', { kind: 'ca-file', path: '/ca.pem', pem: PEM }],
    ['verify: true', { kind: 'system' }],
  ])('with %s trusts %j', async (line, tls) => {
    expect((await readProd(`${CLOUDS}    ${line}\n`)).tls).toEqual(tls);
  });
});

describe('OS_* variables', () => {
  it('are enough by themselves', async () => {
    const credentials = await env(OPENRC);
    expect(credentials).toMatchObject({
      authUrl: 'http://keystone.example/identity',
      region: undefined,
      interface: 'public',
    });
    expect(loginRequest(credentials)).toEqual({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'admin', domain: { id: 'default' }, password: 'hunter2' } },
        },
        scope: { project: { name: 'admin', domain: { id: 'default' } } },
      },
    });
  });

  it('give domains by name, by id and by default', async () => {
    const { login } = await env({ ...OPENRC, OS_USER_DOMAIN_NAME: 'Ops', OS_DEFAULT_DOMAIN: 'd1' });
    expect(login).toMatchObject({ user: { domain: { name: 'Ops' } }, project: { domain: { id: 'd1' } } });
  });

  it('accept the older names, under which the present ones win', async () => {
    const { OS_PROJECT_NAME: _, ...rest } = OPENRC;
    expect((await env({ OS_TENANT_NAME: 'old', ...rest })).login).toMatchObject({ project: { name: 'old' } });
    expect((await env({ OS_TENANT_NAME: 'old', ...OPENRC })).login).toMatchObject({ project: { name: 'admin' } });
    expect(await env({ ...OPENRC, OS_ENDPOINT_TYPE: 'internalURL' })).toMatchObject({ interface: 'internal' });
  });

  it('are named in the complaint when one is missing', async () => {
    const { OS_PASSWORD: _, ...rest } = OPENRC;
    expect(await complaint(env(rest))).toBe('the environment: OS_PASSWORD is missing');
    expect(await complaint(env({ ...OPENRC, OS_INSECURE: 'perhaps' }))).toMatch(/OS_INSECURE must be true or false$/);
  });
});
