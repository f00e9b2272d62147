/** lifeboatd with `sink: masakari`, but for the cluster, which a file tells of: `bridge-only-process.ts DIRECTORY`. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../../src/config/load.ts';
import { startBridgeOnly } from '../../../src/daemon/bridge-only/daemon.ts';
import { systemClock } from '../../../src/edge/clock.ts';
import { createLogger } from '../../../src/edge/log.ts';
import { systemRandomness } from '../../../src/edge/randomness.ts';
import { openCloud } from '../../../src/openstack/open-cloud.ts';
import { openSpool } from '../../../src/sink/spool.ts';
import { fileCluster } from '../../support/file-cluster.ts';

const directory = process.argv[2] ?? '';
const config = loadConfig(join(directory, 'lifeboat.yaml'));
const logger = createLogger('debug');
mkdirSync(config.stateDirectory, { recursive: true });
mkdirSync(config.runtimeDirectory, { recursive: true });
const common = { clock: systemClock, randomness: systemRandomness, logger };
const cloud = await openCloud({ ...common, source: { kind: 'environment', variables: process.env } });
await startBridgeOnly({
  ...common,
  config,
  cloud,
  cluster: fileCluster(join(directory, 'cluster.json')),
  masakari: cloud.masakari(config.masakari.endpoint),
  spool: openSpool(join(config.stateDirectory, 'masakari-reports.db'), logger),
  localNode: 'ctl1',
  pid: process.pid,
  socketPath: join(config.runtimeDirectory, 'lifeboatd.sock'),
  wakeFilePath: join(config.runtimeDirectory, 'wake'),
});
