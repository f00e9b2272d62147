/**
 * Makes the users and the image of a fresh cloud. A process of its own, because it must run in the cloud's network.
 * Reads {"keystone", "glance", "secrets"} as JSON from stdin, prints {"imageId"}.
 */
import { text } from 'node:stream/consumers';
import { ACCOUNTS } from './secrets.ts';
import type { CloudSecrets } from './plan.ts';

const SERVICE_USERS = ['nova', 'placement', 'glance', 'masakari'];
const ROLES: Readonly<Record<string, readonly string[]>> = { lifeboat: ['admin'], demo: ['member', 'reader'] };

interface Order {
  readonly keystone: string;
  readonly glance: string;
  readonly secrets: CloudSecrets;
}

const { keystone, glance, secrets } = JSON.parse(await text(process.stdin)) as Order;
const token = await logIn();
await createUsers();
process.stdout.write(JSON.stringify({ imageId: await createImage() }));

async function logIn(): Promise<string> {
  const domain = { id: 'default' };
  const response = await fetch(`${keystone}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user: { name: 'admin', domain, password: secrets.admin } } },
        scope: { project: { name: 'admin', domain } },
      },
    }),
  });
  if (response.status !== 201) throw new Error(`Keystone refuses the login: ${await response.text()}`);
  return response.headers.get('x-subject-token') ?? '';
}

async function createUsers(): Promise<void> {
  const service = await created('projects', { project: { name: 'service', domain_id: 'default' } }, 'project');
  const demo = await created('projects', { project: { name: 'demo', domain_id: 'default' } }, 'project');
  await created('roles', { role: { name: 'service' } }, 'role').catch(() => {}); // newer versions bring it
  const { roles } = (await call('GET', `${keystone}/roles`)) as {
    readonly roles: readonly { readonly id: string; readonly name: string }[];
  };
  const passwords: Readonly<Record<string, string>> = {
    ...Object.fromEntries(SERVICE_USERS.map((name) => [name, secrets.service])),
    lifeboat: secrets.lifeboat,
    demo: secrets.demo,
  };
  for (const [name, password] of Object.entries(passwords)) {
    const id = await created('users', { user: { name, password, domain_id: 'default' } }, 'user');
    const project = name === ACCOUNTS.demo ? demo : service;
    for (const role of ROLES[name] ?? ['admin', 'service']) {
      const roleId = roles.find((candidate) => candidate.name === role)?.id ?? '';
      await call('PUT', `${keystone}/projects/${project}/users/${id}/roles/${roleId}`);
    }
  }
}

async function created(path: string, body: unknown, key: string): Promise<string> {
  const answer = (await call('POST', `${keystone}/${path}`, JSON.stringify(body))) as Record<string, { id: string }>;
  return answer[key]?.id ?? '';
}

async function createImage(): Promise<string> {
  const form = { name: 'tiny', disk_format: 'raw', container_format: 'bare', visibility: 'public' };
  const { id } = (await call('POST', `${glance}/v2/images`, JSON.stringify(form))) as { readonly id: string };
  await call('PUT', `${glance}/v2/images/${id}/file`, new Uint8Array(1024), 'application/octet-stream');
  return id;
}

async function call(
  method: string,
  url: string,
  body?: string | Uint8Array<ArrayBuffer>,
  type = 'application/json',
): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': type, 'x-auth-token': token },
    ...(body === undefined ? {} : { body }),
  });
  const said = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${said}`);
  return said === '' ? undefined : JSON.parse(said);
}
