/**
 * lifeboatd as it is, but for a Pacemaker that is a file. Arguments: its configuration, and that file. The cloud is that
 * of the OS_* variables.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../../src/config/load.ts';
import { socketPath, WAKE_FILE_NAME } from '../../../src/config/paths.ts';
import { startDaemon } from '../../../src/daemon/daemon.ts';
import { systemClock } from '../../../src/edge/clock.ts';
import { createLogger } from '../../../src/edge/log.ts';
import { systemRandomness } from '../../../src/edge/randomness.ts';
import { openSqliteStore } from '../../../src/engine/store/sqlite-store.ts';
import { openCloud } from '../../../src/openstack/open-cloud.ts';
import { fileCluster } from '../../support/file-cluster.ts';
import { leaseOf } from '../../support/lease.ts';

const [, , configFile = '', clusterFile = ''] = process.argv;
const config = loadConfig(configFile);
const ports = { clock: systemClock, randomness: systemRandomness, logger: createLogger('debug') };
for (const directory of [config.stateDirectory, config.runtimeDirectory]) mkdirSync(directory, { recursive: true });

const cloud = await openCloud({ ...ports, source: { kind: 'environment', variables: process.env } });

const store = await openSqliteStore(join(config.stateDirectory, 'lifeboat.db'), ports.logger);
await startDaemon({
  ...ports,
  store,
  lease: leaseOf({ store, logger: ports.logger }),
  config,
  cluster: fileCluster(clusterFile),
  cloud,
  inventory: cloud,
  localNode: 'ctl1',
  pid: process.pid,
  socketPath: socketPath(config.runtimeDirectory),
  wakeFilePath: join(config.runtimeDirectory, WAKE_FILE_NAME),
});
