import { CONFIG_PATH } from './paths.ts';

/** A variable of the environment that lifeboatd reads. */
export interface Variable {
  readonly name: string;
  /** Whole sentences. */
  readonly text: string;
  /** How it is written. */
  readonly example: string;
}

/**
 * All of them. A unit of systemd sets them in its environment file, Pacemaker in /etc/default/pacemaker or
 * /etc/sysconfig/pacemaker; the agent passes them on (resource-agents/daemon/environment.ts), but for the first,
 * which is its parameter `config`.
 */
export const VARIABLES: readonly Variable[] = [
  {
    name: 'LIFEBOAT_CONFIG',
    text: 'The configuration file.',
    example: CONFIG_PATH,
  },
  {
    name: 'LIFEBOAT_DATABASE_PASSWORD',
    text: 'The password of the shared store, where store.password_file is not set. A file is the better place.',
    example: 'secret',
  },
  {
    name: 'OS_AUTH_URL',
    text: 'Keystone, where cloud.name is not set. A clouds.yaml is the better place for all that begins with OS_.',
    example: 'https://keystone.example.org:5000/v3',
  },
  {
    name: 'OS_APPLICATION_CREDENTIAL_ID',
    text: 'The application credential. OS_USERNAME, OS_PASSWORD, OS_PROJECT_NAME and their kin are understood as well.',
    example: '4bf5b1d2c9c54a4c8d0a5b2a2a0c6c1e',
  },
  {
    name: 'OS_APPLICATION_CREDENTIAL_SECRET',
    text: 'Its secret.',
    example: 'secret',
  },
  {
    name: 'OS_REGION_NAME',
    text: 'The region, where the catalogue of services has several.',
    example: 'RegionOne',
  },
  {
    name: 'OS_INTERFACE',
    text: 'Which addresses of the catalogue are used: public, internal or admin.',
    example: 'internal',
  },
  {
    name: 'OS_CACERT',
    text: 'A file with the authorities that the certificates of OpenStack are checked against.',
    example: '/etc/ssl/certs/ca-certificates.crt',
  },
];
