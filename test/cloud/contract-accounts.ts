import { randomBytes } from 'node:crypto';
import type { CloudLab } from './lab/cloud-lab.ts';

/** Whom the contract needs beside the administrator of the lab. */
export interface ContractAccounts {
  /** The name of a project that the member belongs to, and in which the administrator may boot instances. */
  readonly project: string;
  readonly member: { readonly name: string; readonly password: string };
  /** An application credential of the administrator. */
  readonly application: { readonly id: string; readonly name: string; readonly secret: string };
}

interface Named {
  readonly id: string;
  readonly name: string;
}

/** Makes them anew, under names of their own, so that a cloud can be used for a second run. */
export async function createAccounts(lab: CloudLab): Promise<ContractAccounts> {
  const { token, userId } = await logIn(lab);
  const call = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${lab.authUrl}${path}`, {
      method,
      headers: { 'x-auth-token': token, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
  const mark = randomBytes(4).toString('hex');
  const secret = (): string => randomBytes(12).toString('hex');
  const member = { name: `contract-member-${mark}`, password: secret() };
  const named = { project: `contract-${mark}`, application: `contract-${mark}` };

  const projectBody = { project: { name: named.project, domain_id: 'default' } };
  const project = (await call('POST', '/projects', projectBody)).project as Named;
  const user = (await call('POST', '/users', { user: { ...member, domain_id: 'default' } })).user as Named;
  const roles = (await call('GET', '/roles')).roles as readonly Named[];
  const grant = async (userOf: string, role: string): Promise<void> => {
    const id = roles.find(({ name }) => name === role)?.id ?? '';
    await call('PUT', `/projects/${project.id}/users/${userOf}/roles/${id}`);
  };
  await Promise.all([grant(user.id, 'member'), grant(userId, 'admin')]);

  const application = { name: named.application, secret: secret() };
  const path = `/users/${userId}/application_credentials`;
  const made = (await call('POST', path, { application_credential: application })).application_credential as Named;
  return { project: named.project, member, application: { ...application, id: made.id } };
}

async function logIn(lab: CloudLab): Promise<{ readonly token: string; readonly userId: string }> {
  const domain = { name: lab.account.domainName };
  const user = { name: lab.account.username, password: lab.account.password, domain };
  const answer = await fetch(`${lab.authUrl}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user } },
        scope: { project: { name: lab.account.projectName, domain } },
      },
    }),
  });
  const token = answer.headers.get('x-subject-token');
  if (answer.status !== 201 || token === null) throw new Error(`login at ${lab.authUrl}: ${answer.status}`);
  const body = (await answer.json()) as { readonly token: { readonly user: Named } };
  return { token, userId: body.token.user.id };
}
