import type { NodeFile } from '../lab/options.ts';

export const CLOUD_PORT = 8774;

/** Three hosts that tests cut one after another would be a storm, and fail too often, by the product's defaults. */
const NO_GUARDS = `storm:
  max_percent: 100
flapping:
  failures: 1000
`;

/** Short times where the product's defaults would only make a test wait. */
const LAB_CONFIGURATION = `cloud:
  name: lab
  clouds_file: /etc/lifeboat/clouds.yaml
cluster:
  poll_interval: 5s
evacuation:
  request_timeout: 5s
  settle_time: 4s
  retry_delay: 1s
`;

/** What an operator would put on each controller: lifeboat.yaml and clouds.yaml, readable by the daemon alone. */
export function controllerFiles(cloudAddress: string, extraConfiguration = ''): readonly NodeFile[] {
  const owner = 'hacluster:haclient';
  return [
    {
      path: '/etc/lifeboat/lifeboat.yaml',
      content: (extraConfiguration.includes('storm:') ? '' : NO_GUARDS) + LAB_CONFIGURATION + extraConfiguration,
      mode: 0o600,
      owner,
      on: 'controller',
    },
    { path: '/etc/lifeboat/clouds.yaml', content: cloudsYaml(cloudAddress), mode: 0o600, owner, on: 'controller' },
  ];
}

function cloudsYaml(cloudAddress: string): string {
  return `clouds:
  lab:
    region_name: RegionOne
    auth:
      auth_url: http://${cloudAddress}:${CLOUD_PORT}/v3
      username: admin
      password: secret
      project_name: admin
      user_domain_name: Default
      project_domain_name: Default
`;
}

/** The commands that put Lifeboat into a running cluster, as a user would type them on one controller. */
export const ENGINE_COMMANDS: readonly (readonly string[])[] = [
  [
    // Disabled until the constraint stands: Pacemaker would try it on a compute node, where nothing is configured.
    ...['pcs', 'resource', 'create', '--disabled', 'lifeboat', 'ocf:lifeboat:engine'],
    ...['op', 'monitor', 'interval=10s', 'timeout=20s'],
    ...['op', 'monitor', 'interval=60s', 'timeout=20s', 'OCF_CHECK_LEVEL=10'],
    // Sticky: a controller that comes back must not take the engine from the one that is at work.
    ...['meta', 'resource-stickiness=100', 'migration-threshold=3', 'failure-timeout=120s'],
  ],
  [
    'pcs',
    'constraint',
    'location',
    'lifeboat',
    'rule',
    'resource-discovery=never',
    'score=-INFINITY',
    '#kind',
    'ne',
    'cluster',
  ],
];

/** Last, when the alert is there too. */
export const ENABLE_COMMAND: readonly string[] = ['pcs', 'resource', 'enable', 'lifeboat'];

export const ALERT_COMMANDS: readonly (readonly string[])[] = [
  ['pcs', 'alert', 'create', 'id=lifeboat-alert', 'path=/usr/share/pacemaker/alerts/alert_lifeboat'],
];
