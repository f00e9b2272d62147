import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { CloudAccount } from './cloud-lab.ts';
import { REGION } from './ini.ts';
import { cloudsFile, openrcFile, secretsFile } from './layout.ts';
import type { CloudLayout } from './layout.ts';
import type { CloudPlan, CloudSecrets } from './plan.ts';

export function createSecrets(layout: CloudLayout): CloudSecrets {
  const word = (): string => randomBytes(12).toString('hex');
  const secrets: CloudSecrets = {
    database: word(),
    messages: word(),
    admin: word(),
    service: word(),
    lifeboat: word(),
    demo: word(),
  };
  writeFileSync(secretsFile(layout), JSON.stringify(secrets), { mode: 0o600 });
  return secrets;
}

export const ACCOUNTS = { admin: 'admin', lifeboat: 'service', demo: 'demo' } as const;

export function accountOf(secrets: CloudSecrets, username: keyof typeof ACCOUNTS): CloudAccount {
  return {
    username,
    password: secrets[username],
    projectName: ACCOUNTS[username],
    domainName: 'Default',
    region: REGION,
  };
}

/** What a person or the `openstack` command takes: `. openrc`, or OS_CLIENT_CONFIG_FILE=clouds.yaml and OS_CLOUD. */
export function writeAccounts(layout: CloudLayout, plan: CloudPlan, secrets: CloudSecrets): void {
  const authUrl = `http://${plan.address}:${plan.ports.keystone}/v3`;
  const admin = accountOf(secrets, 'admin');
  const openrc = {
    OS_AUTH_URL: authUrl,
    OS_USERNAME: admin.username,
    OS_PASSWORD: admin.password,
    OS_PROJECT_NAME: admin.projectName,
    OS_USER_DOMAIN_NAME: admin.domainName,
    OS_PROJECT_DOMAIN_NAME: admin.domainName,
    OS_REGION_NAME: admin.region,
    OS_IDENTITY_API_VERSION: '3',
    OS_COMPUTE_API_VERSION: '2.90',
    no_proxy: plan.address,
  };
  const exports = Object.entries(openrc).map(([key, value]) => `export ${key}=${value}\n`);
  writeFileSync(openrcFile(layout), exports.join(''), { mode: 0o600 });
  const clouds = Object.keys(ACCOUNTS).map((name) => {
    const { username, password, projectName, domainName, region } = accountOf(secrets, name as keyof typeof ACCOUNTS);
    const auth = `{ auth_url: '${authUrl}', username: ${username}, password: '${password}', project_name: ${projectName}, user_domain_name: ${domainName}, project_domain_name: ${domainName} }`;
    return `  ${name}:\n    auth: ${auth}\n    region_name: ${region}\n    identity_api_version: 3\n`;
  });
  writeFileSync(cloudsFile(layout), `clouds:\n${clouds.join('')}`, { mode: 0o600 });
}
