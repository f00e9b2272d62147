import type { CloudLab } from '../lab/index.ts';

/** Short times where the product's defaults would only make a test wait. */
export const CONTROLLER_CONFIGURATION = `cloud:
  name: lab
  clouds_file: /etc/lifeboat/clouds.yaml
api:
  listen: [0.0.0.0]
storm:
  max_percent: 100
evacuation:
  settle_time: 10s
`;

export function cloudsYaml(cloud: Pick<CloudLab, 'authUrl' | 'account'>): string {
  const { account } = cloud;
  return `clouds:
  lab:
    region_name: ${account.region}
    auth:
      auth_url: ${cloud.authUrl}
      username: ${account.username}
      password: ${account.password}
      project_name: ${account.projectName}
      user_domain_name: ${account.domainName}
      project_domain_name: ${account.domainName}
`;
}

/** On a compute host: where the engines are, and who asks Nova when none of them answers. */
export function gateConfiguration(controllers: readonly string[]): string {
  const engines = controllers.map((address) => `http://${address}:15868`).join(', ');
  return `cloud:
  name: lab
  clouds_file: /etc/lifeboat/clouds.yaml
gate:
  engines: [${engines}]
`;
}

/**
 * What systemd would do on a compute host at boot: ExecStartPre the gate, then nova-compute. It begins while the node's
 * name is still unknown to Pacemaker, as on a real host.
 */
export function hostService(argv: readonly string[], env: Readonly<Record<string, string>>): string {
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}`);
  return [
    '#!/bin/bash',
    'set -u',
    ...exports,
    'echo "gate asked at $EPOCHREALTIME"',
    'lifeboat gate wait || exit 1',
    'echo "nova-compute starts at $EPOCHREALTIME"',
    `exec ${argv.map(quoted).join(' ')}`,
    '',
  ].join('\n');
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
