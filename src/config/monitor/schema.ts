import { z } from 'zod';
import { MONITOR_RUNTIME_DIRECTORY, MONITOR_STATE_DIRECTORY } from '../paths.ts';
import { cloud } from '../schema/cloud.ts';
import { guests } from '../schema/guests.ts';
import { ABSOLUTE_PATH, BASE_URL, count, directory, duration, HOST_NAME, key, section } from '../schema/keys.ts';
import { log } from '../schema/log.ts';
import { processes } from '../schema/processes.ts';

const api = z
  .strictObject({
    addresses: key(
      z.array(BASE_URL).prefault([]),
      'The API of the engine: the address that moves with it, or one for each controller, which are tried in turn. ' +
        'Without any: the endpoint of the service type instance-ha in the catalog of the cloud.',
      'a list of addresses that begin with http:// or https://',
      "['http://ctl1:15868', 'http://ctl2:15868', 'http://ctl3:15868']",
    ),
    ca_file: key(
      ABSOLUTE_PATH.optional(),
      'The authorities that certificates of api.addresses are checked with. Without it: those that Node.js comes with.',
      'an absolute path',
      '/etc/ssl/certs/ca-certificates.crt',
    ),
    key_file: key(
      ABSOLUTE_PATH.optional(),
      'The key of this host, made by lifeboat-monitor make-key: with it no user of Keystone is needed. Without it: the ' +
        'user of cloud, who needs the role lifeboat_monitor and no other.',
      'an absolute path',
      '/etc/lifeboat/monitor.key',
    ),
    request_timeout: duration(1_000, 120_000, '10s', 'How long one address may take to answer.'),
  })
  .refine((value) => value.key_file === undefined || value.addresses.length > 0, {
    path: ['addresses'],
    message: 'at least one address, because with key_file there is no catalog',
  })
  .prefault({});

const spool = z
  .strictObject({
    max_reports: count(
      100,
      1_000_000,
      10_000,
      'So many reports wait for the engine at the most. Then, for each new one, the oldest that the engine would only write ' +
        'down is dropped; those that it acts upon never are.',
    ),
  })
  .prefault({});

/** The one schema of monitor.yaml; see src/config/schema.ts. */
export const monitorSchema = z.strictObject({
  api: section(api, 'Where reports go, and by what the API knows this host. No secret stands in this file.'),
  // Clones: the registry of words knows a schema once, and lifeboat.yaml says other things of these.
  cloud: section(cloud.clone(), 'The user of Keystone that reports, when there is no api.key_file.'),
  guests: section(guests, 'What is watched of the guests of this host.'),
  processes: section(processes, 'What is watched of the processes of this host.'),
  spool: section(spool, 'What waits while the API is away.'),
  log: section(log.clone(), 'What is logged.'),
  host: key(
    HOST_NAME.optional(),
    'This host as Nova names it. Without it: host in /etc/nova/nova.conf, else the name of the machine.',
    'the name of a Nova host',
    'cmp1.example.com',
  ),
  state_directory: directory(
    MONITOR_STATE_DIRECTORY,
    'Where the spool is. Must be the same as the parameter state_directory of ocf:lifeboat:monitor.',
  ),
  runtime_directory: directory(
    MONITOR_RUNTIME_DIRECTORY,
    'Where the control socket is. Must be the same as the parameter runtime_directory of ocf:lifeboat:monitor.',
  ),
});

/** A checked file, with the names of YAML. */
export type MonitorConfigFile = z.output<typeof monitorSchema>;
