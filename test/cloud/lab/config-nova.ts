import { join } from 'node:path';
import { authOf, databaseUrl, ini, messagesUrl, SERVICE_HOST, tokensOf } from './ini.ts';
import type { Section } from './ini.ts';
import { computeFolder, etcFile, logFile } from './layout.ts';
import type { CloudLayout } from './layout.ts';
import type { CloudPlan, CloudSecrets } from './plan.ts';

/** Nova's files: of the control plane, what is added for its API, and of every nova-compute. */
export function configOfNova(
  layout: CloudLayout,
  plan: CloudPlan,
  secrets: CloudSecrets,
): Readonly<Record<string, string>> {
  return {
    'nova.conf': ini({ ...shared(layout, plan, secrets), ...databases(plan, secrets) }),
    'nova-api.conf': ini({ DEFAULT: { log_file: logFile(layout, 'nova-api') } }),
    'nova-compute.conf': ini(forCompute(shared(layout, plan, secrets))),
  };
}

/** The lines that make one nova-compute that of one host. */
export function configOfCompute(layout: CloudLayout, host: string): string {
  const folder = computeFolder(layout, host);
  return ini({
    DEFAULT: { host, state_path: folder },
    oslo_concurrency: { lock_path: join(folder, 'lock') },
  });
}

type Sections = Readonly<Record<string, Section>>;

/** A nova-compute has no access to the databases: with it in its file it tries, and logs that it must not. */
function databases(plan: CloudPlan, secrets: CloudSecrets): Sections {
  return {
    api_database: { connection: databaseUrl(plan, secrets, 'nova_api') },
    database: { connection: databaseUrl(plan, secrets, 'nova') },
  };
}

function forCompute(sections: Sections): Sections {
  return { ...sections, DEFAULT: { ...sections['DEFAULT'], compute_driver: 'lab.FakeDriver' } };
}

function shared(layout: CloudLayout, plan: CloudPlan, secrets: CloudSecrets): Sections {
  const nova = authOf(plan, secrets, 'nova');
  return {
    DEFAULT: {
      transport_url: messagesUrl(plan, secrets),
      my_ip: plan.address,
      state_path: join(layout.dir, 'state'),
      host: SERVICE_HOST,
      report_interval: plan.reportIntervalS,
      service_down_time: plan.serviceDownTimeS,
      vif_plugging_is_fatal: 'false',
      vif_plugging_timeout: 0,
      max_concurrent_builds: 0,
      ...plan.novaOptions,
    },
    api: { auth_strategy: 'keystone' },
    conductor: { workers: 1 },
    scheduler: { workers: 1 },
    filter_scheduler: {
      enabled_filters: [
        'ComputeFilter',
        'ComputeCapabilitiesFilter',
        'ImagePropertiesFilter',
        'ServerGroupAntiAffinityFilter',
        'ServerGroupAffinityFilter',
        'AggregateInstanceExtraSpecsFilter',
      ].join(','),
      // Chance among the three best, so that evacuated instances spread.
      host_subset_size: 3,
    },
    glance: nova,
    neutron: nova,
    placement: nova,
    service_user: { send_service_user_token: 'true', ...nova },
    keystone_authtoken: tokensOf(plan, secrets, 'nova'),
    oslo_concurrency: { lock_path: join(layout.dir, 'state', 'nova-lock') },
    wsgi: { api_paste_config: etcFile(layout, 'nova-api-paste.ini') },
    vnc: { enabled: 'false' },
    spice: { enabled: 'false' },
    quota: { instances: -1, cores: -1, ram: -1, server_groups: -1, server_group_members: -1, metadata_items: -1 },
    oslo_messaging_notifications: { driver: 'noop' },
  };
}
