import { installMissing } from '../../cluster/lab/packages.ts';
import { checkMachine } from '../../cluster/lab/requirements.ts';

/** Libraries and tools rather than Debian's service packages, where that will do: fewer, and nothing to switch off. */
const PACKAGES = [
  'glance-common',
  'iproute2',
  'mariadb-client-core',
  'mariadb-server-core',
  'masakari-api',
  'nova-common',
  'python3-amqp',
  'python3-fixtures',
  'python3-glance',
  'python3-keystone',
  'python3-masakari',
  'python3-nova',
  'python3-openstackclient',
  'python3-placement',
  'python3-pymysql',
  'python3-taskflow',
  'rabbitmq-server',
  'util-linux',
  'uwsgi-core',
  'uwsgi-plugin-python3',
];

/**
 * Makes sure that all the cloud needs is installed, and returns name → version. Asks dpkg and does nothing more when it
 * is. Throws LifeboatError LAB_UNAVAILABLE with the reason.
 */
export async function ensureCloudPackages(): Promise<ReadonlyMap<string, string>> {
  const installed = await installMissing(PACKAGES, 'OpenStack');
  checkMachine();
  return installed;
}
