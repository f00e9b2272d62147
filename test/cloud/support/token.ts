import type { CloudAccount, CloudLab } from '../lab/cloud-lab.ts';

/** A token of the real Keystone, for the account's project. Throws when Keystone does not give one. */
export async function tokenOf(lab: CloudLab, account: CloudAccount): Promise<string> {
  const domain = { name: account.domainName };
  const answer = await fetch(`${lab.authUrl}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: account.username, password: account.password, domain } },
        },
        scope: { project: { name: account.projectName, domain } },
      },
    }),
  });
  const token = answer.headers.get('x-subject-token');
  if (answer.status !== 201 || token === null) throw new Error(`login of ${account.username}: ${answer.status}`);
  return token;
}

/** By its owner. */
export async function revoke(lab: CloudLab, token: string): Promise<void> {
  const headers = { 'x-auth-token': token, 'x-subject-token': token };
  const answer = await fetch(`${lab.authUrl}/auth/tokens`, { method: 'DELETE', headers });
  if (answer.status !== 204) throw new Error(`revoke: ${answer.status}`);
}
