import { closeSync, fstatSync, openSync, readFileSync, constants } from 'node:fs';
import { LifeboatError, messageOf } from '../errors.ts';
import type { Config, DatabaseConfig } from './config.ts';
import { CONFIG_PATH } from './paths.ts';
import { readYaml } from './read-yaml.ts';
import type { ConfigFile } from './schema.ts';

const SIZE_LIMIT = 1_048_576;

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
  return deepFreeze(toConfig(readYaml(text, name)));
}

function readConfigFile(path: string): string {
  let descriptor: number;
  try {
    // Without O_NONBLOCK, opening a FIFO would wait for a writer for ever.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new LifeboatError('CONFIG_INVALID', `${path} cannot be read: ${reasonOf(error)}`);
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw new LifeboatError('CONFIG_INVALID', `${path} is not a file`);
    if (status.size > SIZE_LIMIT) throw new LifeboatError('CONFIG_INVALID', `${path} is larger than 1 MiB`);
    if ((status.mode & 0o002) !== 0) {
      throw new LifeboatError('CONFIG_INVALID', `${path} may be written by everybody; correct it: chmod o-w ${path}`);
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(descriptor));
  } catch (error) {
    if (error instanceof TypeError) throw new LifeboatError('CONFIG_INVALID', `${path} is not UTF-8 text`);
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'this user has no right to read it';
  return messageOf(error);
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

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const child of Object.values(value)) deepFreeze(child);
  return Object.freeze(value);
}
