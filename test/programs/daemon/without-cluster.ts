/**
 * lifeboatd as it is, but for a Pacemaker that cannot be read and a cloud where nobody listens. Argument: a directory,
 * which must exist.
 */
import { join } from 'node:path';
import { configFromText } from '../../../src/config/load.ts';
import { socketPath, WAKE_FILE_NAME } from '../../../src/config/paths.ts';
import { startDaemon } from '../../../src/daemon/daemon.ts';
import { systemClock } from '../../../src/edge/clock.ts';
import { createLogger } from '../../../src/edge/log.ts';
import { systemRandomness } from '../../../src/edge/randomness.ts';
import { openSqliteStore } from '../../../src/engine/store/sqlite-store.ts';
import { openCloud } from '../../../src/openstack/open-cloud.ts';
import { leaseOf } from '../../support/lease.ts';

const directory = process.argv[2] ?? '';
const logger = createLogger('debug');
const unreadable = (): Promise<never> => Promise.reject(new Error('this cluster cannot be read'));
const ports = { clock: systemClock, randomness: systemRandomness, logger };

const store = await openSqliteStore(join(directory, 'lifeboat.db'), logger);
await startDaemon({
  ...ports,
  store,
  lease: leaseOf({ store, logger }),
  config: configFromText('', 'defaults'),
  cluster: { read: unreadable, writeAttribute: unreadable },
  cloud: await openCloud({
    ...ports,
    source: {
      kind: 'environment',
      variables: {
        OS_AUTH_URL: 'http://127.0.0.1:1/v3',
        OS_USERNAME: 'admin',
        OS_PASSWORD: 'hunter2',
        OS_PROJECT_NAME: 'admin',
        OS_USER_DOMAIN_NAME: 'Default',
        OS_PROJECT_DOMAIN_NAME: 'Default',
      },
    },
  }),
  localNode: 'ctl1',
  pid: process.pid,
  socketPath: socketPath(directory),
  wakeFilePath: join(directory, WAKE_FILE_NAME),
});
