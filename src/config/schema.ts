import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { LOG_LEVELS, PRIORITY_SOURCES, RECOVERY_METHODS } from './config.ts';
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

const DATABASE_NAME = z.string().regex(/^\w{1,64}$/);
const DATABASE_HOST = z.string().refine((written) => isIPv6(written) || HOST_NAME.safeParse(written).success, {
  message: 'an address or a host name',
});

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

const storm = z
  .strictObject({
    window: duration(10_000, 86_400_000, '5m', 'Hosts that were lost within this time are counted together.'),
    max_hosts: count(
      1,
      100_000,
      8,
      'How many hosts may be lost within the window. More are a storm: none of them that has not begun is recovered ' +
        'before it is over, or an operator says so (lifeboat proceed). One host is never a storm.',
    ),
    max_percent: count(1, 100, 50, 'The same as a share of all hosts, rounded down. The smaller of the two counts.'),
    max_hosts_per_segment: count(1, 100_000, 8, 'How many hosts of one segment may be lost within the window.'),
    max_percent_per_segment: count(1, 100, 50, 'The same as a share of the hosts of the segment.'),
    cool_down: duration(
      0,
      86_400_000,
      '5m',
      'How long no limit must have been exceeded before what was held begins by itself.',
    ),
  })
  .prefault({});

const flapping = z
  .strictObject({
    failures: count(
      2,
      1_000,
      3,
      'A host that has failed this often within flapping.window is recovered as any other, but not given back to Nova ' +
        'before an operator says so (lifeboat acknowledge HOST).',
    ),
    window: duration(60_000, 2_592_000_000, '24h', 'The time over which the failures of a host are counted.'),
  })
  .prefault({});

const instances = z
  .strictObject({
    select: key(
      z.enum(['all', 'marked', 'tagged']).prefault('all'),
      'Which instances are recovered: all of them; only those whose metadata has instances.mark_key set to True (marked); ' +
        'or only those whose flavor or image is tagged (tagged). With tagged all of them are while no flavor and no image ' +
        'of the cloud is tagged, and while flavors and images cannot be read.',
      'all, marked or tagged',
    ),
    mark_key: key(
      NAME.prefault('HA_Enabled'),
      'The metadata key that marks an instance when instances.select is marked. The value is read without regard to case.',
      'the name of a metadata key',
    ),
    tag: key(
      NAME.prefault('evacuable'),
      'With instances.select tagged: the extra spec of the flavor that is true, the property of the image that is true, or ' +
        'the tag of the image. NovaEvacuate has evacuable.',
      'the name of an extra spec, property or tag',
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

const PRIORITY = z.int().min(1).max(1000);
const PROJECT_PRIORITIES = z.record(NAME, PRIORITY);

const order = z
  .strictObject({
    sources: key(
      z.array(z.enum(PRIORITY_SOURCES)).prefault(['metadata', 'flavor', 'project']),
      'What may name the priority of an instance, 1 to 1000; the highest is sent first. The first of them that names one ' +
        'decides. Metadata is written by the owner of the instance: leave it out where owners should not decide. image ' +
        'reads the images from Glance now and then.',
      `a list of ${PRIORITY_SOURCES.join(', ')}`,
    ),
    priority_key: key(
      NAME.prefault('lifeboat:priority'),
      'The key of the priority in metadata, in the extra specs of the flavor and among the properties of the image. In ' +
        'metadata instanceha:restart_priority counts too, where this key is not given.',
      'the name of a key',
    ),
    group_key: key(
      NAME.prefault('lifeboat:group'),
      'The metadata key that names the group of an instance. A group is as important as its most important member. ' +
        'instanceha:restart_group counts too.',
      'the name of a metadata key',
    ),
    after_key: key(
      NAME.prefault('lifeboat:start_after'),
      'The metadata key that names the groups which must run before the instance is sent, with commas between them. ' +
        'Members of these groups that are not on a lost host are not waited for.',
      'the name of a metadata key',
    ),
    projects: key(
      PROJECT_PRIORITIES.prefault({}),
      'Priorities of the instances of whole projects, by project id.',
      'a map of project ids to numbers from 1 to 1000',
      '{ 0123456789abcdef0123456789abcdef: 900 }',
    ),
    usual_priority: count(1, 1000, 500, 'The priority of an instance of which nothing else says it.'),
    group_timeout: duration(
      0,
      86_400_000,
      '5m',
      'How long an instance waits for the groups that it starts after. Then it is sent all the same.',
    ),
  })
  .prefault({});

const SEGMENT_HOST = z.strictObject({
  name: HOST_NAME,
  reserved: z.boolean().prefault(false),
  on_maintenance: z.boolean().prefault(false),
  type: NAME.prefault('COMPUTE'),
  control_attributes: NAME.prefault('SSH'),
});

const SEGMENT = z.strictObject({
  name: NAME,
  description: z.string().max(4_096).optional(),
  service_type: NAME.prefault('COMPUTE'),
  recovery_method: z.enum(RECOVERY_METHODS).prefault('auto'),
  enabled: z.boolean().prefault(true),
  hosts: z.array(z.union([HOST_NAME.transform((name) => SEGMENT_HOST.parse({ name })), SEGMENT_HOST])).prefault([]),
});

const SEGMENTS = z.array(SEGMENT).superRefine((segments, context) => {
  for (const [what, names] of [
    ['segment', segments.map(({ name }) => name)],
    ['host', segments.flatMap(({ hosts }) => hosts.map(({ name }) => name.toLowerCase()))],
  ] as const) {
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined)
      context.addIssue({ code: 'custom', message: `each ${what} once; ${twice} is there twice` });
  }
});

const recovery = z
  .strictObject({
    segments: key(
      SEGMENTS.prefault([]),
      'Hosts whose failures are answered in one way, as in Masakari. recovery_method: auto (Nova chooses the hosts), ' +
        'reserved_host (only reserved hosts of the segment are taken), auto_priority (reserved hosts for what Nova finds no ' +
        'host for), rh_priority (the other way round). Of a segment with enabled: false, and of a host with ' +
        'on_maintenance: true, no failure is answered. A reserved host is disabled in Nova until it is taken, in the order ' +
        'in which they stand here. A host of no segment is recovered by auto. Hosts are named as in Nova.',
      'a list of segments, each with a name and hosts',
      '[{ name: rack-a, recovery_method: auto_priority, hosts: [cmp1, cmp2, { name: cmp9, reserved: true }] }]',
    ),
    add_reserved_to_aggregates: truth(
      false,
      'Whether a reserved host that is taken is added to the host aggregates of the failed one, and taken out of them ' +
        'when it is given back.',
    ),
  })
  .prefault({});

const capacity = z
  .strictObject({
    check_every: duration(
      0,
      604_800_000,
      '30m',
      'In this time Lifeboat asks once for every host whether its instances would find a place if it died (N+1), with ' +
        'three calls for each host, and only while nothing is lost. 0s is never.',
    ),
    across_zones: truth(
      false,
      'Whether instances may go to another availability zone. Nova keeps there what was asked for with a zone; plans and ' +
        'N+1 take it so for all, unless this is true.',
    ),
  })
  .prefault({});

/** 10.0.0.11, ctl1, 10.0.0.11:15868, ::1, [::1]:15868. Undefined when it is none of these. */
function parseListen(written: string): { readonly address: string; readonly port: number | undefined } | undefined {
  if (isIPv6(written)) return { address: written, port: undefined };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(written) ?? [];
  const address = bracketed ?? plain ?? '';
  const port = digits === undefined ? undefined : Number(digits);
  const isGood = bracketed === undefined ? HOST_NAME.safeParse(address).success : isIPv6(bracketed);
  return isGood && (port === undefined || (port >= 1 && port <= 65_535)) ? { address, port } : undefined;
}

const LISTEN = z.string().transform((written, context) => {
  const place = parseListen(written);
  if (place !== undefined) return place;
  context.addIssue({ code: 'custom', message: 'an address, or an address and a port' });
  return z.NEVER;
});

const ENGINE_URL = z.string().transform((written, context) => {
  const url = URL.canParse(written) ? new URL(written) : undefined;
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  const isBare = url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (isHttp && isBare) return written.replace(/\/+$/, '');
  context.addIssue({ code: 'custom', message: 'an address that begins with http:// or https://' });
  return z.NEVER;
});

const api = z
  .strictObject({
    listen: key(
      z.array(LISTEN).prefault(['127.0.0.1']),
      'Where the engine answers HTTP. The gates of the compute hosts ask it, so it must be an address of this ' +
        'controller in the management network, or 0.0.0.0. It takes no password: it must not be reached from where ' +
        'users are. [] is no API at all.',
      'a list of addresses, each with or without a port',
      '[127.0.0.1, 10.0.0.11]',
    ),
    port: count(1, 65_535, 15_868, 'The port of the addresses in api.listen that name none.'),
    tls_cert: key(
      ABSOLUTE_PATH.optional(),
      'The certificate (with what leads to its authority) that makes it HTTPS. Together with api.tls_key.',
      'an absolute path',
      '/etc/lifeboat/api.crt',
    ),
    tls_key: key(
      ABSOLUTE_PATH.optional(),
      'The key of api.tls_cert. The group haclient must be able to read it, and nobody else should.',
      'an absolute path',
      '/etc/lifeboat/api.key',
    ),
  })
  .refine((value) => (value.tls_cert === undefined) === (value.tls_key === undefined), {
    path: ['tls_key'],
    message: 'both tls_cert and tls_key, or none of them',
  })
  .prefault({});

const gate = z
  .strictObject({
    engines: key(
      z.array(ENGINE_URL).prefault([]),
      'The API of the engine on every controller. All are asked at once; the one where the engine runs answers.',
      'a list of addresses that begin with http:// or https://',
      "['http://ctl1:15868', 'http://ctl2:15868', 'http://ctl3:15868']",
    ),
    ca_file: key(
      ABSOLUTE_PATH.optional(),
      'The authorities that certificates of gate.engines are checked with. Without it: those that Node.js comes with.',
      'an absolute path',
      '/etc/ssl/certs/ca-certificates.crt',
    ),
    host: key(
      HOST_NAME.optional(),
      'This host as Nova names it. Without it: host in /etc/nova/nova.conf, else the name of the machine.',
      'the name of a Nova host',
      'cmp1.example.com',
    ),
    timeout: duration(
      0,
      86_400_000,
      '0s',
      'How long lifeboat gate wait waits before it refuses; 0s is for ever. What it waits for is in the journal.',
    ),
    poll_interval: duration(500, 300_000, '3s', 'How long to wait before asking again.'),
    request_timeout: duration(
      1_000,
      120_000,
      '15s',
      'How long one engine may take to answer. It reads the cluster anew for each answer.',
    ),
    when_unknown: key(
      z.enum(['refuse', 'open']).prefault('refuse'),
      'What happens when nobody knows whether this host is being recovered: refuse keeps it out until somebody does; ' +
        'open lets it start after gate.unknown_patience, at the risk of running an instance twice.',
      'refuse or open',
    ),
    unknown_patience: duration(
      0,
      86_400_000,
      '5m',
      'How long it must have been in doubt before gate.when_unknown open lets it start.',
    ),
  })
  .prefault({});

const store = z
  .strictObject({
    kind: key(
      z.enum(['embedded', 'mariadb']).prefault('embedded'),
      'Where the engine keeps what it owes: in a file on each controller (in state_directory), or in a database that all ' +
        'controllers share. With the shared one a second engine can do no harm; see docs/safety.md, S5.',
      'embedded or mariadb',
    ),
    hosts: key(
      z.array(DATABASE_HOST).prefault([]),
      'For mariadb: the servers, tried in turn, beginning with the one that answered last. With Galera its nodes, or a ' +
        'virtual address before them.',
      'a list of addresses or host names',
      '[10.0.0.11, 10.0.0.12, 10.0.0.13]',
    ),
    port: count(1, 65_535, 3_306, 'For mariadb: the port of all of them.'),
    database: key(
      DATABASE_NAME.prefault('lifeboat'),
      'For mariadb: the name of the database. It must exist; the tables are made by the engine.',
      'the name of a database: letters, digits and underscores',
    ),
    user: key(NAME.prefault('lifeboat'), 'For mariadb: the user of the database.', 'the name of a user'),
    password_file: key(
      ABSOLUTE_PATH.optional(),
      'For mariadb: a file with nothing but the password. The group haclient must be able to read it, and nobody else ' +
        'may. Without it: the variable LIFEBOAT_DATABASE_PASSWORD of the daemon’s environment.',
      'an absolute path',
      '/etc/lifeboat/database.password',
    ),
    tls: key(
      z.enum(['off', 'verified', 'unverified']).prefault('off'),
      'For mariadb: verified is TLS with a server whose certificate is checked, its name too; unverified is TLS with ' +
        'anybody who answers. With tls_ca_file, off is verified too.',
      'off, verified or unverified',
    ),
    tls_ca_file: key(
      ABSOLUTE_PATH.optional(),
      'For mariadb: the authorities that the certificates of the servers are checked with. Without it: those that ' +
        'Node.js comes with.',
      'an absolute path',
      '/etc/ssl/certs/ca-certificates.crt',
    ),
    lease_duration: duration(
      5_000,
      300_000,
      '15s',
      'For how long an engine may act after it has last reached the store. Another one waits for so long before it takes ' +
        'over from one that was cut off; one that ended is not waited for on its own controller.',
    ),
    retention: duration(
      86_400_000,
      3_650 * 86_400_000,
      '30d',
      'How long recoveries that are closed, with their moves and notifications, are kept.',
    ),
  })
  .refine((value) => value.kind === 'embedded' || value.hosts.length > 0, {
    path: ['hosts'],
    message: 'at least one server, because kind is mariadb',
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
  storm: section(
    storm,
    'When so many hosts are lost at one time that something else may be wrong than the hosts: the storm guard.',
  ),
  flapping: section(flapping, 'Hosts that fail again and again.'),
  instances: section(instances, 'Which instances are recovered.'),
  order: section(order, 'Which instances are recovered first, and which wait for others.'),
  recovery: section(recovery, 'Segments of hosts, and where their instances are brought.'),
  capacity: section(capacity, 'Looking ahead: whether there is room for the instances of each host.'),
  api: section(api, 'Where the engine answers over HTTP: the gates of the compute hosts, for now.'),
  gate: section(
    gate,
    'On a compute host: what keeps nova-compute from starting while its host is being recovered. The file there needs ' +
      'only this section, and cloud for when no engine answers.',
  ),
  store: section(store, 'Where the engine keeps what must outlive it, and who may write there.'),
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
