import type { Config, DatabaseConfig } from './config.ts';
import { deepFreeze } from './deep-freeze.ts';
import { CONFIG_PATH } from './paths.ts';
import { readConfigFile } from './read-config-file.ts';
import { readYaml } from './read-yaml.ts';
import { configSchema, type ConfigFile } from './schema.ts';

/** LIFEBOAT_CONFIG, or the standard place. */
export function configPath(environment: Readonly<Record<string, string | undefined>>): string {
  return environment.LIFEBOAT_CONFIG || CONFIG_PATH;
}

/**
 * Reads and checks the configuration file. Throws CONFIG_INVALID with one line per mistake: file:line:column, the key,
 * what was expected. The file holds no secret, so others may read it; but it decides where the credentials come from,
 * so only its owner and group may write it.
 */
export function loadConfig(path: string): Config {
  return configFromText(readConfigFile(path), path);
}

/** The same, from text; `name` stands for the file in messages. An empty text is all defaults. */
export function configFromText(text: string, name: string): Config {
  return deepFreeze(toConfig(readYaml(text, name, configSchema)));
}

function toConfig(file: ConfigFile): Config {
  const { cloud, cluster, proof, hosts, evacuation, storm, flapping, instances, order, recovery, capacity } = file;
  const { api, gate, instance_failure: failure, process_failure: process, notifications, store, log } = file;
  return {
    cloud: { name: cloud.name, cloudsFile: cloud.clouds_file, secureFile: cloud.secure_file },
    cluster: {
      pollIntervalMs: cluster.poll_interval,
      lostPollIntervalMs: cluster.lost_poll_interval,
      commandTimeoutMs: cluster.command_timeout,
    },
    proof: { acceptHumanConfirmation: proof.accept_human_confirmation },
    hosts: {
      map: Object.assign(Object.create(null) as Record<string, string>, hosts.map),
      attribute: hosts.attribute,
      ignore: hosts.ignore,
    },
    evacuation: {
      parallel: evacuation.parallel,
      requestTimeoutMs: evacuation.request_timeout,
      settleTimeMs: evacuation.settle_time,
      moveTimeoutMs: evacuation.move_timeout,
      attempts: evacuation.attempts,
      retryDelayMs: evacuation.retry_delay,
      witnessSilenceMs: evacuation.witness_silence,
    },
    storm: {
      windowMs: storm.window,
      coolDownMs: storm.cool_down,
      cluster: { hosts: storm.max_hosts, percent: storm.max_percent },
      segment: { hosts: storm.max_hosts_per_segment, percent: storm.max_percent_per_segment },
    },
    flapping: { failures: flapping.failures, windowMs: flapping.window },
    instances: {
      select: instances.select,
      markKey: instances.mark_key,
      tag: instances.tag,
      excludeNames: instances.exclude_names,
      excludeProjects: instances.exclude_projects,
    },
    order: {
      sources: order.sources,
      priorityKey: order.priority_key,
      groupKey: order.group_key,
      afterKey: order.after_key,
      projects: Object.assign(Object.create(null) as Record<string, number>, order.projects),
      usualPriority: order.usual_priority,
      groupTimeoutMs: order.group_timeout,
    },
    recovery: {
      segments: recovery.segments.map((segment) => ({
        name: segment.name,
        description: segment.description,
        serviceType: segment.service_type,
        recoveryMethod: segment.recovery_method,
        enabled: segment.enabled,
        hosts: segment.hosts.map((host) => ({
          name: host.name,
          type: host.type,
          controlAttributes: host.control_attributes,
          reserved: host.reserved,
          onMaintenance: host.on_maintenance,
        })),
      })),
      addReservedToAggregates: recovery.add_reserved_to_aggregates,
    },
    instanceFailure: {
      select: failure.select,
      events: Object.assign(Object.create(null) as Record<string, 'recover' | 'record'>, failure.events),
      stopTimeoutMs: failure.stop_timeout,
      startTimeoutMs: failure.start_timeout,
      attempts: failure.attempts,
      restarts: failure.restarts,
      withinMs: failure.within,
      whenExhausted:
        failure.when_exhausted === 'give_up'
          ? { kind: 'give-up' }
          : { kind: 'migrate', timeoutMs: failure.migrate_timeout, againAfterMs: failure.migrate_again_after },
    },
    processFailure: { processes: process.processes, wellAfterMs: process.well_after },
    capacity: { checkEveryMs: capacity.check_every, acrossZones: capacity.across_zones },
    api: {
      listen: api.listen.map(({ address, port }) => ({ address, port: port ?? api.port })),
      tls: api.tls_cert && api.tls_key ? { certFile: api.tls_cert, keyFile: api.tls_key } : undefined,
      auth: api.auth,
      policyFile: api.policy_file,
      hostKeysFile: api.host_keys_file,
      tokenCacheMs: api.token_cache,
      maxLimit: api.max_limit,
      linkPrefix: api.link_prefix,
      trustedProxies: api.trusted_proxies,
      corsOrigins: api.cors_origins,
      drainFile: api.drain_file,
      metricsOpenTo: api.metrics_open_to,
      rateLimit: api.rate_limit,
    },
    notifications: {
      duplicateIntervalMs: notifications.duplicate_interval,
      claimPatienceMs: notifications.claim_patience,
    },
    gate: {
      engines: gate.engines,
      caFile: gate.ca_file,
      host: gate.host,
      timeoutMs: gate.timeout,
      pollIntervalMs: gate.poll_interval,
      requestTimeoutMs: gate.request_timeout,
      whenUnknown: gate.when_unknown,
      unknownPatienceMs: gate.unknown_patience,
    },
    sink: file.sink,
    masakari: { endpoint: file.masakari.endpoint },
    store: {
      database: store.kind === 'embedded' ? undefined : databaseOf(store),
      leaseDurationMs: store.lease_duration,
      retentionMs: store.retention,
    },
    stateDirectory: file.state_directory,
    runtimeDirectory: file.runtime_directory,
    log: { level: log.level },
  };
}

function databaseOf(store: ConfigFile['store']): DatabaseConfig {
  const { hosts, port, database: name, user, password_file: passwordFile, tls_ca_file: caFile } = store;
  // Whoever names authorities wants them asked.
  const tls = store.tls === 'off' && caFile !== undefined ? 'verified' : store.tls;
  return { hosts, port, name, user, passwordFile, tls, caFile };
}
