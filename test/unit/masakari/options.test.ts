import { describe, expect, it } from 'vitest';
import { configFromText } from '../../../src/config/load.ts';
import { Conf } from '../../../src/masakari/conf/conf.ts';
import { parseIni } from '../../../src/masakari/conf/ini.ts';
import { COUNTERPARTS } from '../../../src/masakari/options/counterparts.ts';
import { fragmentOf, translate } from '../../../src/masakari/options/translate.ts';

function translated(text: string) {
  return translate(new Conf([{ path: 'masakari.conf', ini: parseIni(text, 'masakari.conf') }]));
}

/** Groups and options as the reference of Masakari 2026.1 lists them. */
const EVERY_OPTION: Readonly<Record<string, readonly string[]>> = {
  DEFAULT: [
    'auth_strategy',
    'use_forwarded_for',
    'osapi_max_limit',
    'osapi_masakari_link_prefix',
    'notification_delay_max',
    'masakari_topic',
    'notification_driver',
    'duplicate_notification_detection_interval',
    'wait_period_after_service_update',
    'wait_period_after_evacuation',
    'verify_interval',
    'wait_period_after_power_off',
    'wait_period_after_power_on',
    'process_unfinished_notifications_interval',
    'retry_notification_new_status_interval',
    'check_expired_notifications_interval',
    'notifications_expired_interval',
    'host_failure_recovery_threads',
    'host',
    'engine_manager',
    'periodic_enable',
    'use_ssl',
    'masakari_api_listen',
    'masakari_api_listen_port',
    'masakari_api_workers',
    'state_path',
    'report_interval',
    'service_down_time',
    'nova_catalog_admin_info',
    'os_region_name',
    'nova_ca_certificates_file',
    'nova_api_insecure',
    'os_privileged_user_name',
    'os_privileged_user_password',
    'transport_url',
  ],
  host_failure: [
    'evacuate_all_instances',
    'ha_enabled_instance_metadata_key',
    'ignore_instances_in_error_state',
    'add_reserved_host_to_aggregate',
    'service_disable_reason',
  ],
  instance_failure: ['process_all_instances', 'ha_enabled_instance_metadata_key'],
  process_failure: ['service_disable_reason'],
  taskflow: ['connection'],
  taskflow_driver_recovery_flows: ['host_auto_failure_recovery_tasks'],
  coordination: ['backend_url'],
  wsgi: ['api_paste_config', 'ssl_cert_file', 'default_pool_size'],
  osapi_v1: ['project_id_regex'],
  keystone_authtoken: ['password', 'token_cache_time'],
  oslo_messaging_rabbit: ['ssl'],
  oslo_policy: ['policy_file', 'policy_dirs'],
  cors: ['allowed_origin', 'allow_methods'],
  healthcheck: ['path'],
};

describe('an option of Masakari', () => {
  it('is either taken over or left with a reason, each of them', () => {
    for (const [group, options] of Object.entries(EVERY_OPTION)) {
      for (const option of options) {
        const { left, taken } = translated(`[${group}]\n${option} = 700\n`);
        expect([...taken, ...left].map((each) => each.option)).toEqual([`${group}.${option}`]);
        for (const { reason } of left) {
          expect(reason).not.toBe('');
          expect(reason, `${group}.${option}`).not.toContain('no option of Masakari that Lifeboat knows');
        }
      }
    }
  });

  it('has a counterpart that the schema of lifeboat.yaml has', () => {
    const usual = { number: 7, duration: '10m', path: '/etc/x', truth: true, text: 'all' };
    for (const { key } of COUNTERPARTS) {
      const refusals = [...Object.values(usual), ['10.0.0.1'], 'marked', 'debug', 'keystone'].map((value) => {
        try {
          configFromText(fragmentOf([{ key, value }]), 'lifeboat.yaml');
          return 'good';
        } catch (error) {
          return String(error);
        }
      });
      expect(refusals.join('\n'), key).not.toMatch(/unknown|no such key/i);
    }
  });

  it('is written as lifeboat.yaml takes it', () => {
    const { left, taken } = translated(
      [
        '[DEFAULT]',
        'masakari_api_listen = 10.0.0.5',
        'duplicate_notification_detection_interval = 240',
        'wait_period_after_evacuation = 900',
        '[host_failure]',
        'evacuate_all_instances = no',
        'ha_enabled_instance_metadata_key = "keep me: up"',
        'add_reserved_host_to_aggregate = True',
        '[cors]',
        'allowed_origin = https://a.example.com, https://b.example.com',
        '[wsgi]',
        'ssl_cert_file = /etc/masakari/api.crt',
        'ssl_key_file = /etc/masakari/api.key',
      ].join('\n'),
    );
    expect(left).toEqual([]);
    const text = fragmentOf(taken);
    expect(text).toBe(
      [
        'api:',
        '  cors_origins: ["https://a.example.com","https://b.example.com"]',
        '  listen: ["10.0.0.5"]',
        '  tls_cert: /etc/masakari/api.crt',
        '  tls_key: /etc/masakari/api.key',
        'evacuation:',
        '  move_timeout: 15m',
        'instances:',
        '  mark_key: "keep me: up"',
        '  select: marked',
        'notifications:',
        '  duplicate_interval: 4m',
        'recovery:',
        '  add_reserved_to_aggregates: true',
        '',
      ].join('\n'),
    );
    expect(configFromText(text, 'lifeboat.yaml')).toMatchObject({
      instances: { select: 'marked', markKey: 'keep me: up' },
      evacuation: { moveTimeoutMs: 900_000 },
    });
  });

  it.each([
    ['[DEFAULT]\nmasakari_api_listen_port = 90000\n', 'api.port does not take 90000'],
    ['[DEFAULT]\nmasakari_api_listen_port = three\n', 'it is no whole number'],
    ['[DEFAULT]\nauth_strategy = noauth2\n', 'on loopback only'],
    ['[DEFAULT]\nwait_period_after_evacuation = 90\n', 'too short is worse than too long'],
    ['[oslo_policy]\npolicy_file = policy.yaml\n', 'it is no absolute path'],
    ['[host_failure]\nevacuate_all_instances = perhaps\n', 'it is neither true nor false'],
    ['[unheard_of]\nx = 1\n', 'no option of Masakari that Lifeboat knows'],
  ])('is left when its value cannot be taken over: %j', (text, words) => {
    const { left, taken } = translated(text);
    expect(taken).toEqual([]);
    expect(left[0]?.reason).toContain(words);
  });

  it('shows no value of what is left: it may be a secret', () => {
    const { left } = translated(
      '[taskflow]\nconnection = mysql://m:hunter2@x/y\n[coordination]\nbackend_url = hunter2\n',
    );
    expect(left).toHaveLength(2);
    expect(JSON.stringify(left)).not.toContain('hunter2');
  });
});
