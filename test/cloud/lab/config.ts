import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configOfNova } from './config-nova.ts';
import { authOf, databaseUrl, ini, messagesUrl, SERVICE_HOST, tokensOf } from './ini.ts';
import { computesFolder, databaseSocket, dataFolder, etcFile, logFile } from './layout.ts';
import type { CloudLayout } from './layout.ts';
import type { CloudPlan, CloudSecrets } from './plan.ts';

/** Writes every configuration file; readable by root alone, for most hold a password. */
export function writeConfigs(layout: CloudLayout, plan: CloudPlan, secrets: CloudSecrets): void {
  for (const folder of ['etc', 'etc/masakari', 'log', 'run', 'state', 'data']) {
    mkdirSync(join(layout.dir, folder), { recursive: true, mode: 0o700 });
  }
  mkdirSync(computesFolder(layout), { recursive: true });
  mkdirSync(join(dataFolder(layout), 'images'), { recursive: true });
  const files: Readonly<Record<string, string>> = {
    'mariadb.cnf': mariadb(layout, plan),
    'rabbitmq.conf': rabbitmq(plan, secrets),
    'keystone.conf': keystone(layout, plan, secrets),
    'placement.conf': placement(layout, plan, secrets),
    'glance.conf': glance(layout, plan, secrets),
    'masakari/masakari.conf': masakari(layout, plan, secrets),
    'masakari/extra.conf': '[DEFAULT]\n',
    ...configOfNova(layout, plan, secrets),
  };
  for (const [file, content] of Object.entries(files)) {
    writeFileSync(etcFile(layout, file), content, { mode: 0o600 });
  }
  copyFileSync('/usr/share/nova-common/api-paste.ini', etcFile(layout, 'nova-api-paste.ini'));
  copyFileSync('/usr/share/glance-common/glance-api-paste.ini', etcFile(layout, 'glance-paste.ini'));
  copyFileSync('/etc/masakari/api-paste.ini', etcFile(layout, 'masakari/api-paste.ini'));
}

/** Nothing here needs to survive a power cut of this machine, so nothing waits for the disk. */
function mariadb(layout: CloudLayout, plan: CloudPlan): string {
  return ini({
    mysqld: {
      user: 'root',
      datadir: join(dataFolder(layout), 'mariadb'),
      socket: databaseSocket(layout),
      port: plan.ports.database,
      'bind-address': plan.address,
      'pid-file': join(layout.dir, 'run', 'mariadb.pid'),
      'skip-name-resolve': 'ON',
      'skip-log-bin': 'ON',
      max_connections: 1000,
      innodb_buffer_pool_size: '256M',
      innodb_flush_log_at_trx_commit: 0,
      innodb_doublewrite: 0,
      innodb_log_file_size: '16M',
      innodb_buffer_pool_dump_at_shutdown: 'OFF',
      performance_schema: 'OFF',
      'character-set-server': 'utf8mb3',
    },
  });
}

function rabbitmq(plan: CloudPlan, secrets: CloudSecrets): string {
  const lines = {
    'listeners.tcp.1': `${plan.address}:${plan.ports.messages}`,
    default_user: 'openstack',
    default_pass: secrets.messages,
    loopback_users: 'none',
    'log.file.level': 'warning',
    'vm_memory_high_watermark.absolute': '1GB',
    'disk_free_limit.absolute': '50MB',
  };
  return Object.entries(lines)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join('');
}

function keystone(layout: CloudLayout, plan: CloudPlan, secrets: CloudSecrets): string {
  const keys = (kind: string): string => join(dataFolder(layout), 'keystone', `${kind}-keys`);
  return ini({
    DEFAULT: { log_file: logFile(layout, 'keystone') },
    database: { connection: databaseUrl(plan, secrets, 'keystone') },
    token: { provider: 'fernet', expiration: 14400 },
    fernet_tokens: { key_repository: keys('fernet') },
    credential: { key_repository: keys('credential') },
    cache: { enabled: 'true', backend: 'dogpile.cache.memory' },
  });
}

function placement(layout: CloudLayout, plan: CloudPlan, secrets: CloudSecrets): string {
  return ini({
    DEFAULT: { log_file: logFile(layout, 'placement') },
    placement_database: { connection: databaseUrl(plan, secrets, 'placement') },
    api: { auth_strategy: 'keystone' },
    keystone_authtoken: tokensOf(plan, secrets, 'placement'),
  });
}

function glance(layout: CloudLayout, plan: CloudPlan, secrets: CloudSecrets): string {
  return ini({
    DEFAULT: {
      log_file: logFile(layout, 'glance'),
      bind_host: plan.address,
      bind_port: plan.ports.glance,
      workers: 0,
      enabled_backends: 'file:file',
    },
    database: { connection: databaseUrl(plan, secrets, 'glance') },
    glance_store: { default_backend: 'file' },
    file: { filesystem_store_datadir: join(dataFolder(layout), 'images') },
    oslo_policy: { enforce_new_defaults: 'false' },
    paste_deploy: { flavor: 'keystone', config_file: etcFile(layout, 'glance-paste.ini') },
    keystone_authtoken: tokensOf(plan, secrets, 'glance'),
  });
}

function masakari(layout: CloudLayout, plan: CloudPlan, secrets: CloudSecrets): string {
  const user = authOf(plan, secrets, 'masakari');
  const paste = etcFile(layout, 'masakari/api-paste.ini');
  return ini({
    DEFAULT: {
      transport_url: messagesUrl(plan, secrets),
      state_path: join(layout.dir, 'state'),
      host: SERVICE_HOST,
      use_ssl: 'false',
      os_privileged_user_tenant: user.project_name,
      os_privileged_user_name: user.username,
      os_privileged_user_password: user.password,
      os_privileged_user_auth_url: user.auth_url,
      os_user_domain_name: 'Default',
      os_project_domain_name: 'Default',
      os_region_name: user.region_name,
      nova_catalog_admin_info: 'compute:nova:publicURL',
      api_paste_config: paste,
    },
    database: { connection: databaseUrl(plan, secrets, 'masakari') },
    taskflow: { connection: databaseUrl(plan, secrets, 'masakari') },
    coordination: { backend_url: `file://${join(layout.dir, 'state', 'masakari-locks')}` },
    oslo_concurrency: { lock_path: join(layout.dir, 'state', 'masakari-lock') },
    wsgi: { api_paste_config: paste },
    keystone_authtoken: tokensOf(plan, secrets, 'masakari'),
  });
}
