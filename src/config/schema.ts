import { z } from 'zod';
import { RUNTIME_DIRECTORY, STATE_DIRECTORY } from './paths.ts';
import { api } from './schema/api.ts';
import { capacity } from './schema/capacity.ts';
import { cloud } from './schema/cloud.ts';
import { cluster } from './schema/cluster.ts';
import { evacuation } from './schema/evacuation.ts';
import { flapping } from './schema/flapping.ts';
import { gate } from './schema/gate.ts';
import { hosts } from './schema/hosts.ts';
import { instanceFailure } from './schema/instance-failure.ts';
import { instances } from './schema/instances.ts';
import { log } from './schema/log.ts';
import { masakari } from './schema/masakari.ts';
import { notifications } from './schema/notifications.ts';
import { order } from './schema/order.ts';
import { processFailure } from './schema/process-failure.ts';
import { proof } from './schema/proof.ts';
import { recovery } from './schema/recovery.ts';
import { store } from './schema/store.ts';
import { storm } from './schema/storm.ts';
import { directory, key, section } from './schema/keys.ts';

/**
 * The one schema of the configuration file. Validation, the commented example (example.ts) and the reference page
 * (reference.ts) are all made from it, so a key that is not here does not exist. Keys are written as in YAML; config.ts
 * has the names that the code uses.
 *
 * A default is a `prefault`: it is written as an operator would write it and is checked like anything else.
 */
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
  instance_failure: section(instanceFailure, 'What is done when the guest of an instance dies while its host lives.'),
  process_failure: section(processFailure, 'What is done when a process of a compute host fails and the host lives.'),
  order: section(order, 'Which instances are recovered first, and which wait for others.'),
  recovery: section(recovery, 'Segments of hosts, and where their instances are brought.'),
  capacity: section(capacity, 'Looking ahead: whether there is room for the instances of each host.'),
  api: section(
    api,
    'Where the engine answers over HTTP: the gates of the compute hosts, and whoever speaks Masakari’s API.',
  ),
  notifications: section(notifications, 'What others report over the API.'),
  gate: section(
    gate,
    'On a compute host: what keeps nova-compute from starting while its host is being recovered. The file there needs ' +
      'only this section, and cloud for when no engine answers.',
  ),
  sink: key(
    z.enum(['engine', 'masakari']).prefault('engine'),
    'Who answers what is proven down: the engine of Lifeboat, or an existing Masakari, which is told of it. With masakari ' +
      'Lifeboat is only a host monitor: it touches nothing in Nova, serves no API and no gates, and hosts.*, cluster.*, ' +
      'proof.* and storm.* are what counts of this file.',
    'engine or masakari',
  ),
  masakari: section(masakari, 'The Masakari of sink: masakari.'),
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
