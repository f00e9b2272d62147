import { boolean, durationOf, list, number, path, text, type Convert } from './convert.ts';

/** An option of Masakari's and what stands for it in lifeboat.yaml. */
export interface Counterpart {
  readonly option: string;
  /** section.key */
  readonly key: string;
  readonly convert: Convert;
  /** What an operator should know of it. */
  readonly note?: string;
}

/** An option, or a group with `.*`, that has none. */
export interface Without {
  readonly option: string;
  readonly reason: string;
}

export const COUNTERPARTS: readonly Counterpart[] = [
  { option: 'DEFAULT.masakari_api_listen', key: 'api.listen', convert: (value) => ({ kind: 'value', value: [value] }) },
  { option: 'DEFAULT.masakari_api_listen_port', key: 'api.port', convert: number },
  { option: 'DEFAULT.osapi_max_limit', key: 'api.max_limit', convert: number },
  { option: 'DEFAULT.osapi_masakari_link_prefix', key: 'api.link_prefix', convert: text },
  {
    option: 'DEFAULT.auth_strategy',
    key: 'api.auth',
    convert: (value) =>
      value === 'noauth2'
        ? { kind: 'left', reason: 'without any check of who asks Lifeboat answers on loopback only' }
        : { kind: 'value', value },
  },
  {
    option: 'DEFAULT.duplicate_notification_detection_interval',
    key: 'notifications.duplicate_interval',
    convert: durationOf,
  },
  {
    option: 'DEFAULT.wait_period_after_evacuation',
    key: 'evacuation.move_timeout',
    convert: (value) =>
      Number(value) > 600
        ? durationOf(value)
        : { kind: 'left', reason: 'too short is worse than too long: a move that Nova still finishes would be failed' },
    note: 'Taken over when it is longer than the 10 minutes of Lifeboat.',
  },
  { option: 'DEFAULT.wait_period_after_power_off', key: 'instance_failure.stop_timeout', convert: durationOf },
  { option: 'DEFAULT.wait_period_after_power_on', key: 'instance_failure.start_timeout', convert: durationOf },
  { option: 'DEFAULT.debug', key: 'log.level', convert: either('debug', 'info') },
  { option: 'host_failure.evacuate_all_instances', key: 'instances.select', convert: either('all', 'marked') },
  { option: 'host_failure.ha_enabled_instance_metadata_key', key: 'instances.mark_key', convert: text },
  {
    option: 'host_failure.add_reserved_host_to_aggregate',
    key: 'recovery.add_reserved_to_aggregates',
    convert: boolean,
  },
  {
    option: 'instance_failure.process_all_instances',
    key: 'instance_failure.select',
    convert: either('all', 'marked'),
  },
  { option: 'oslo_policy.policy_file', key: 'api.policy_file', convert: path },
  { option: 'cors.allowed_origin', key: 'api.cors_origins', convert: list },
  { option: 'keystone_authtoken.token_cache_time', key: 'api.token_cache', convert: durationOf },
  { option: 'ssl.cert_file', key: 'api.tls_cert', convert: path },
  { option: 'ssl.key_file', key: 'api.tls_key', convert: path },
  { option: 'wsgi.ssl_cert_file', key: 'api.tls_cert', convert: path },
  { option: 'wsgi.ssl_key_file', key: 'api.tls_key', convert: path },
];

const CREDENTIALS = 'credentials stand in clouds.yaml, never in lifeboat.yaml; see docs/install.md';
const PLUMBING = 'how a Python service is run; Lifeboat is one process, started by Pacemaker';
const NO_BUS = 'Lifeboat uses no message bus';
const AT_ONCE = 'Lifeboat acts when something happens, and waits for no round of a timer';

/** The first that fits decides. */
export const WITHOUT: readonly Without[] = [
  { option: 'DEFAULT.use_forwarded_for', reason: 'name the proxies that are believed: api.trusted_proxies' },
  {
    option: 'oslo_middleware.enable_proxy_headers_parsing',
    reason: 'name the proxies that are believed: api.trusted_proxies',
  },
  { option: 'wsgi.secure_proxy_ssl_header', reason: 'name the proxies that are believed: api.trusted_proxies' },
  {
    option: 'DEFAULT.notification_delay_max',
    reason: 'two reports of one failure are joined to one recovery, whenever they come',
  },
  { option: 'DEFAULT.masakari_topic', reason: NO_BUS },
  { option: 'DEFAULT.notification_driver', reason: 'recoveries are part of the engine, and no plugin' },
  {
    option: 'DEFAULT.wait_period_after_service_update',
    reason: 'the dead host is forced down in Nova, so nothing has to be waited for',
  },
  {
    option: 'DEFAULT.host_failure_recovery_threads',
    reason:
      'evacuation.parallel is how many are in flight at one time over all hosts, 20 by default; three would be slow',
  },
  { option: 'DEFAULT.verify_interval', reason: 'moves are followed once a second, all with one call' },
  { option: 'DEFAULT.process_unfinished_notifications_interval', reason: AT_ONCE },
  { option: 'DEFAULT.retry_notification_new_status_interval', reason: AT_ONCE },
  { option: 'DEFAULT.check_expired_notifications_interval', reason: AT_ONCE },
  {
    option: 'DEFAULT.notifications_expired_interval',
    reason: 'a recovery is never given up for its age; what is held says for what it waits',
  },
  { option: 'DEFAULT.report_interval', reason: 'Masakari does not use it either' },
  { option: 'DEFAULT.service_down_time', reason: 'Masakari does not use it either' },
  { option: 'DEFAULT.use_ssl', reason: 'api.tls_cert and api.tls_key make it HTTPS' },
  { option: 'DEFAULT.nova_catalog_admin_info', reason: CREDENTIALS },
  { option: 'DEFAULT.os_region_name', reason: 'region_name in clouds.yaml' },
  { option: 'DEFAULT.nova_ca_certificates_file', reason: 'cacert in clouds.yaml' },
  { option: 'DEFAULT.nova_api_insecure', reason: 'verify in clouds.yaml' },
  { option: 'DEFAULT.os_*', reason: CREDENTIALS },
  { option: 'DEFAULT.transport_url', reason: NO_BUS },
  { option: 'DEFAULT.control_exchange', reason: NO_BUS },
  { option: 'DEFAULT.rpc_*', reason: NO_BUS },
  { option: 'DEFAULT.log_*', reason: 'the log is one JSON object a line on standard output; see docs/operating.md' },
  { option: 'DEFAULT.use_*', reason: 'the log is one JSON object a line on standard output; see docs/operating.md' },
  { option: 'DEFAULT.*', reason: PLUMBING },
  {
    option: 'host_failure.ignore_instances_in_error_state',
    reason: 'an instance in error is moved only when that is safe; see docs/instance-states.md',
  },
  {
    option: 'host_failure.service_disable_reason',
    reason: 'Lifeboat writes its own, by which it knows its hosts again',
  },
  {
    option: 'instance_failure.ha_enabled_instance_metadata_key',
    reason: 'one key marks an instance for both kinds of failure: instances.mark_key',
  },
  {
    option: 'process_failure.service_disable_reason',
    reason: 'the reason is a mark of Lifeboat, by which it knows what it may enable again',
  },
  { option: 'taskflow.*', reason: 'progress stands in the store of Lifeboat' },
  {
    option: 'taskflow_driver_recovery_flows.*',
    reason: 'the steps of a recovery are fixed; an own task is Python code',
  },
  { option: 'coordination.*', reason: 'the lease in the store does that; see docs/decisions/0029-the-lease.md' },
  { option: 'wsgi.*', reason: PLUMBING },
  { option: 'ssl.ca_file', reason: 'clients show tokens, and no certificates' },
  { option: 'osapi_v1.*', reason: 'every project id that Keystone gives is taken' },
  { option: 'database.*', reason: 'Lifeboat has a store of its own; see store in docs/configuration.md' },
  { option: 'keystone_authtoken.*', reason: CREDENTIALS },
  { option: 'oslo_policy.*', reason: 'api.policy_file names one file; its rules replace the built-in ones' },
  { option: 'oslo_messaging_*.*', reason: NO_BUS },
  { option: 'oslo_middleware.*', reason: 'the limits of the API are fixed; see docs/api.md' },
  { option: 'healthcheck.*', reason: '/healthcheck tells whether the engine is active; see docs/api.md' },
  { option: 'cors.*', reason: 'methods and headers are those of Masakari; see docs/api.md' },
  { option: '*.*', reason: 'no option of Masakari that Lifeboat knows' },
];

function either(whenTrue: string, whenFalse: string): Convert {
  return (value) => {
    const truth = boolean(value);
    if (truth.kind === 'left') return truth;
    return { kind: 'value', value: truth.value === true ? whenTrue : whenFalse };
  };
}
