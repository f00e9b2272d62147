import { optionOf, type OsloConf } from './oslo-conf.ts';

/** A line of lifeboat.yaml, from the value. */
type Line = (value: string) => string | undefined;

/** A line for what Lifeboat does anyway. */
const AS_IT_IS = '';
/** Lifeboat cannot take this value over. */
const UNUSABLE = undefined;

/** What becomes of an option of masakari.conf. */
type Fate =
  | { readonly kind: 'mapped'; readonly section: string; readonly line: Line }
  | { readonly kind: 'none'; readonly why: string };

function seconds(key: string): Line {
  return (value) => (/^\d+$/.test(value.trim()) ? `${key}: ${value.trim()}s` : UNUSABLE);
}

function isTrue(value: string): boolean {
  return ['1', 't', 'true', 'on', 'y', 'yes'].includes(value.trim().toLowerCase());
}

function none(why: string): Fate {
  return { kind: 'none', why };
}

function mapped(section: string, line: Line): Fate {
  return { kind: 'mapped', section, line };
}

const SERVICE = none('of the original’s processes, bus and log; Lifeboat has none of them');
const FOLLOWED = none('Lifeboat follows each instance until it runs, and asks Nova for all of them at once');

/** By section.option of masakari.conf. */
export const OPTIONS: Readonly<Record<string, Fate>> = {
  'default.masakari_api_listen': mapped('api', (value) => `listen: ['${value.trim()}']`),
  'default.masakari_api_listen_port': mapped('api', (value) => `port: ${value.trim()}`),
  'default.osapi_max_limit': mapped('api', (value) => `max_limit: ${value.trim()}`),
  'default.osapi_masakari_link_prefix': mapped('api', (value) => `link_prefix: '${value.trim().replace(/\/+$/, '')}'`),
  'default.auth_strategy': none('keystone is the default; noauth is for trying things out, on loopback only'),
  'default.duplicate_notification_detection_interval': mapped('notifications', seconds('duplicate_interval')),
  'default.wait_period_after_power_off': mapped('instance_failure', seconds('stop_timeout')),
  'default.wait_period_after_power_on': mapped('instance_failure', seconds('start_timeout')),
  'default.host_failure_recovery_threads': none(
    'evacuation.parallel is how many are in flight at one time over all hosts, 20 by default; three would be slow',
  ),
  'default.wait_period_after_service_update': none('the host is forced down, so that nothing has to be waited for'),
  'default.wait_period_after_evacuation': FOLLOWED,
  'default.verify_interval': FOLLOWED,
  'default.process_unfinished_notifications_interval': none('what is unfinished goes on at once'),
  'default.retry_notification_new_status_interval': none('what is unfinished goes on at once'),
  'default.check_expired_notifications_interval': none('nothing expires: what is held says so until it has ended'),
  'default.notifications_expired_interval': none('nothing expires: what is held says so until it has ended'),
  'default.nova_catalog_admin_info': none('region and interface stand in clouds.yaml'),
  'default.os_region_name': none('it stands in clouds.yaml'),
  'default.os_privileged_user_name': none('credentials stand in clouds.yaml'),
  'default.os_privileged_user_password': none('credentials stand in clouds.yaml'),
  'default.os_privileged_user_tenant': none('credentials stand in clouds.yaml'),
  'default.os_privileged_user_auth_url': none('it stands in clouds.yaml'),
  'default.nova_ca_certificates_file': none('cacert stands in clouds.yaml'),
  'default.nova_api_insecure': none('verify stands in clouds.yaml'),
  'host_failure.evacuate_all_instances': mapped('instances', (value) => (isTrue(value) ? AS_IT_IS : 'select: marked')),
  'host_failure.ha_enabled_instance_metadata_key': mapped('instances', (value) => `mark_key: '${value.trim()}'`),
  'host_failure.ignore_instances_in_error_state': none(
    'an instance in error is moved too, and stays in error if Nova cannot',
  ),
  'host_failure.add_reserved_host_to_aggregate': mapped('recovery', (value) =>
    isTrue(value) ? 'add_reserved_to_aggregates: true' : AS_IT_IS,
  ),
  'host_failure.service_disable_reason': none('the reason is a mark that the next engine reads'),
  'instance_failure.process_all_instances': mapped('instance_failure', (value) =>
    isTrue(value) ? 'select: all' : AS_IT_IS,
  ),
  'instance_failure.ha_enabled_instance_metadata_key': none('one key marks an instance for both: instances.mark_key'),
  'process_failure.service_disable_reason': none(
    'the reason is a mark of Lifeboat, by which it knows what it may enable again',
  ),
  'taskflow.connection': none('there is one store'),
  'coordination.backend_url': none('the lease in the store takes its place'),
  'oslo_policy.policy_file': mapped('api', (value) =>
    value.trim().startsWith('/') ? `policy_file: ${value.trim()}` : UNUSABLE,
  ),
  'osapi_v1.project_id_regex': none('every id of a project is taken'),
  'database.connection': none('Lifeboat’s store is its own: see docs/install.md'),
};

/** Sections of which nothing has a counterpart. */
const SECTIONS: Readonly<Record<string, string>> = {
  keystone_authtoken: 'tokens are checked with the credentials of clouds.yaml',
  oslo_messaging_rabbit: 'there is no bus',
  oslo_messaging_notifications: 'there is no bus: the API has a stream of events',
  taskflow_driver_recovery_flows: 'flows of one’s own cannot be hung in',
  wsgi: 'the API is in the daemon; api.tls_cert and api.tls_key make it HTTPS',
  cors: 'api.cors_origins',
  healthcheck: 'GET /healthcheck answers by the state of the engine',
  ssl: 'api.tls_cert and api.tls_key',
};

export interface MappedOptions {
  /** For lifeboat.yaml: by section, its lines. */
  readonly yaml: ReadonlyMap<string, readonly string[]>;
  readonly left: readonly { readonly option: string; readonly why: string }[];
}

/** What of a masakari.conf has a counterpart, and what has none. Values of what has none are not shown. */
export function mapOptions(conf: OsloConf): MappedOptions {
  const yaml = new Map<string, string[]>();
  const left: { option: string; why: string }[] = [];
  for (const [section, options] of conf) {
    for (const option of options.keys()) {
      const name = `${section}.${option}`;
      const fate = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
      const shown = section === 'default' ? `[DEFAULT] ${option}` : `[${section}] ${option}`;
      if (fate?.kind === 'mapped') {
        const line = fate.line(optionOf(conf, section, option) ?? '');
        if (line === UNUSABLE)
          left.push({ option: shown, why: `its value has no counterpart; see ${fate.section} in the configuration` });
        else if (line !== AS_IT_IS) yaml.set(fate.section, [...(yaml.get(fate.section) ?? []), line]);
      } else {
        left.push({
          option: shown,
          why: fate?.why ?? SECTIONS[section] ?? (section === 'default' ? SERVICE_WORDS : NO_WORDS),
        });
      }
    }
  }
  return { yaml, left };
}

const SERVICE_WORDS = SERVICE.kind === 'none' ? SERVICE.why : '';
const NO_WORDS = 'Lifeboat has nothing like it';
