import { z } from 'zod';
import { LOG_LEVELS } from './config.ts';
import { documentation } from './documentation.ts';
import { formatDuration, parseDuration } from './duration.ts';
import { RUNTIME_DIRECTORY, STATE_DIRECTORY } from './paths.ts';

/**
 * The one schema of the configuration file. Validation, the commented example (example.ts) and the reference page
 * (reference.ts) are all made from it, so a key that is not here does not exist. Keys are written as in YAML; config.ts
 * has the names that the code uses.
 *
 * A default is a `prefault`: it is written as an operator would write it and is checked like anything else.
 */

function key<S extends z.ZodType>(schema: S, text: string, accepts: string, example?: string): S {
  documentation.add(schema, example === undefined ? { text, accepts } : { text, accepts, example });
  return schema;
}

function section<S extends z.ZodType>(schema: S, text: string): S {
  return key(schema, text, 'a section with keys of its own');
}

function duration(minMs: number, maxMs: number, byDefault: string, text: string) {
  const accepts = `a duration from ${formatDuration(minMs)} to ${formatDuration(maxMs)}, such as ${byDefault}`;
  const schema = z
    .string()
    .transform((written, context) => {
      const durationMs = parseDuration(written);
      if (durationMs !== undefined && durationMs >= minMs && durationMs <= maxMs) return durationMs;
      context.addIssue({ code: 'custom', message: accepts });
      return z.NEVER;
    })
    .prefault(byDefault);
  return key(schema, text, accepts);
}

function count(min: number, max: number, byDefault: number, text: string) {
  return key(z.int().min(min).max(max).prefault(byDefault), text, `a whole number from ${min} to ${max}`);
}

function truth(byDefault: boolean, text: string) {
  return key(z.boolean().prefault(byDefault), text, 'true or false');
}

function directory(byDefault: string, text: string) {
  return key(ABSOLUTE_PATH.prefault(byDefault), text, 'an absolute path without a trailing slash');
}

const ABSOLUTE_PATH = z.string().regex(/^(\/[^/\0]+)+$/);
const NAME = z
  .string()
  .min(1)
  .max(255)
  .regex(/^\S(.*\S)?$/);
// What Pacemaker takes as a node name and Nova as a host name.
const HOST_NAME = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/);

const PATTERN = z.string().transform((source, context) => {
  try {
    return new RegExp(source, 'u');
  } catch {
    context.addIssue({ code: 'custom', message: 'not a regular expression' });
    return z.NEVER;
  }
});

const cloud = z
  .strictObject({
    name: key(
      NAME.optional(),
      'The name of the cloud in clouds.yaml. Without it the daemon takes its credentials from OS_* variables in its ' +
        'environment.',
      'the name of a cloud in clouds.yaml',
      'lifeboat',
    ),
    clouds_file: key(
      ABSOLUTE_PATH.optional(),
      'Where clouds.yaml is. Without it: /etc/openstack/clouds.yaml. The group haclient must be able to read it, and ' +
        'nobody else should.',
      'an absolute path',
      '/etc/openstack/clouds.yaml',
    ),
    secure_file: key(
      ABSOLUTE_PATH.optional(),
      'Where secure.yaml is, which holds the secrets of clouds.yaml. Without it: secure.yaml beside the clouds file, ' +
        'when there is one.',
      'an absolute path',
      '/etc/openstack/secure.yaml',
    ),
  })
  .refine((value) => value.name !== undefined || (value.clouds_file ?? value.secure_file) === undefined, {
    path: ['name'],
    message: 'the name of a cloud in clouds.yaml, because clouds_file or secure_file is given',
  })
  .prefault({});

const cluster = z
  .strictObject({
    poll_interval: duration(
      1_000,
      60_000,
      '5s',
      'How often the cluster is read when no alert asks for it. An alert wakes Lifeboat at once; this is the net below it.',
    ),
    lost_poll_interval: duration(
      200,
      60_000,
      '1s',
      'How often the cluster is read while a host is lost and not yet proven down.',
    ),
    command_timeout: duration(
      1_000,
      120_000,
      '15s',
      'How long one command of Pacemaker (crm_mon, cibadmin, stonith_admin, attrd_updater) may take.',
    ),
  })
  .refine((value) => value.lost_poll_interval <= value.poll_interval, {
    path: ['lost_poll_interval'],
    message: 'a duration that is not longer than poll_interval',
  })
  .prefault({});

const proof = z
  .strictObject({
    accept_human_confirmation: truth(
      true,
      'Whether "stonith_admin --confirm NODE" proves that a host is down. Whoever types it must have made sure that ' +
        'the machine is off: its instances are started elsewhere because of it.',
    ),
  })
  .prefault({});

const hosts = z
  .strictObject({
    map: key(
      z.record(HOST_NAME, HOST_NAME).prefault({}),
      'Cluster nodes whose name is not the host name in Nova. Without an entry, the node attribute named by ' +
        'hosts.attribute decides, then the name itself, with or without a domain.',
      'a map of cluster node names to Nova host names',
      '{ cmp1: cmp1.example.com }',
    ),
    attribute: key(
      NAME.prefault('lifeboat-host'),
      'The node attribute that names the Nova host of a node: crm_attribute --node cmp1 --name lifeboat-host ' +
        '--update cmp1.example.com',
      'the name of a node attribute',
    ),
    ignore: key(
      z.array(HOST_NAME).prefault([]),
      'Cluster nodes that Lifeboat never looks at.',
      'a list of cluster node names',
      '[cmp9]',
    ),
  })
  .prefault({});

const evacuation = z
  .strictObject({
    parallel: count(
      1,
      500,
      20,
      'How many evacuations may be in flight at one time, over all hosts. More is sooner, until Nova or its database ' +
        'is the bottleneck.',
    ),
    request_timeout: duration(1_000, 300_000, '30s', 'How long one request to Keystone or Nova may take.'),
    settle_time: duration(
      0,
      300_000,
      '60s',
      'How long an evacuate call with an unknown outcome is left alone before Nova is believed not to have taken it. ' +
        'Longer than a request can wait in front of a busy Nova: a second evacuate of one instance wrecks it.',
    ),
    move_timeout: duration(
      10_000,
      86_400_000,
      '10m',
      'How long one instance may be on its way before its move is failed. Time to rebuild its disk counts.',
    ),
    attempts: count(1, 10, 3, 'How often the evacuation of one instance is tried before its move is failed.'),
    retry_delay: duration(100, 600_000, '5s', 'How long to wait before an evacuation that failed is tried again.'),
    witness_silence: duration(
      10_000,
      3_600_000,
      '60s',
      'A heartbeat of nova-compute after the fencing means that the fencing lied, and the recovery is held. Without ' +
        'another one for this long it counts as somebody writing to the service, and the recovery goes on.',
    ),
  })
  .prefault({});

const instances = z
  .strictObject({
    select: key(
      z.enum(['all', 'marked']).prefault('all'),
      'Which instances are recovered: all of them, or only those whose metadata has instances.mark_key set to True.',
      'all or marked',
    ),
    mark_key: key(
      NAME.prefault('HA_Enabled'),
      'The metadata key that marks an instance when instances.select is marked. The value is read without regard to case.',
      'the name of a metadata key',
    ),
    exclude_names: key(
      z.array(PATTERN).prefault([]),
      'Instances whose name matches one of these are never recovered.',
      'a list of regular expressions',
      "['^amphora-']",
    ),
    exclude_projects: key(
      z.array(NAME).prefault([]),
      'Instances of these projects (by id) are never recovered.',
      'a list of project ids',
      '[0123456789abcdef0123456789abcdef]',
    ),
  })
  .prefault({});

const log = z
  .strictObject({
    level: key(
      z.enum(LOG_LEVELS).prefault('info'),
      'The least level that is logged. The log is one JSON object a line.',
      LOG_LEVELS.join(', '),
    ),
  })
  .prefault({});

export const configSchema = z.strictObject({
  cloud: section(cloud, 'Which OpenStack, and where its credentials are. They never stand in this file.'),
  cluster: section(cluster, 'How the Pacemaker cluster is read.'),
  proof: section(proof, 'What may prove that a lost host is down. A fencing that Pacemaker did always may.'),
  hosts: section(hosts, 'Which cluster node is which Nova host.'),
  evacuation: section(evacuation, 'How instances are brought from a dead host to others.'),
  instances: section(instances, 'Which instances are recovered.'),
  log: section(log, 'What is logged.'),
  state_directory: directory(
    STATE_DIRECTORY,
    'Where the daemon keeps what must outlive it. Must be the same as the parameter state_directory of ' +
      'ocf:lifeboat:engine.',
  ),
  runtime_directory: directory(
    RUNTIME_DIRECTORY,
    'Where the control socket is. Must be the same as the parameter runtime_directory of ocf:lifeboat:engine, and as ' +
      'the recipient of the alert.',
  ),
});

/** A checked file, with the names of YAML. */
export type ConfigFile = z.output<typeof configSchema>;
