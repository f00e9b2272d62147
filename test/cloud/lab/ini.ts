import type { CloudDatabase } from './cloud-lab.ts';
import type { CloudPlan, CloudSecrets } from './plan.ts';

export const REGION = 'RegionOne';
/** The name under which conductor, scheduler and Masakari's engine register: no compute host's. */
export const SERVICE_HOST = 'controller';

export type Section = Readonly<Record<string, string | number>>;

export function ini(sections: Readonly<Record<string, Section>>): string {
  const parts = Object.entries(sections).map(([name, lines]) => {
    const body = Object.entries(lines).map(([key, value]) => `${key} = ${value}\n`);
    return `[${name}]\n${body.join('')}`;
  });
  return parts.join('\n');
}

export function databaseUrl(plan: CloudPlan, secrets: CloudSecrets, database: CloudDatabase): string {
  return `mysql+pymysql://openstack:${secrets.database}@${plan.address}:${plan.ports.database}/${database}?charset=utf8`;
}

export function messagesUrl(plan: CloudPlan, secrets: CloudSecrets): string {
  return `rabbit://openstack:${secrets.messages}@${plan.address}:${plan.ports.messages}/`;
}

/** How a service logs in to Keystone. */
export function authOf(plan: CloudPlan, secrets: CloudSecrets, username: string) {
  return {
    auth_url: `http://${plan.address}:${plan.ports.keystone}`,
    auth_type: 'password',
    username,
    password: secrets.service,
    project_name: 'service',
    user_domain_name: 'Default',
    project_domain_name: 'Default',
    region_name: REGION,
  };
}

/** How a service checks the tokens of its callers. */
export function tokensOf(plan: CloudPlan, secrets: CloudSecrets, username: string): Section {
  const auth = authOf(plan, secrets, username);
  return { www_authenticate_uri: auth.auth_url, ...auth, service_token_roles_required: 'true' };
}
