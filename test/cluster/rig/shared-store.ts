import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, createDatabaseServer, type DatabaseServer } from '../../store/server.ts';
import { joining } from '../lab/cgroup.ts';
import type { Lab } from '../lab/index.ts';
import { layoutOf, switchCgroup, switchNetns } from '../lab/layout.ts';
import { CLOUD_ADDRESS } from '../lab/network.ts';
import type { NodeFile } from '../lab/options.ts';

const PORT = 3306;
const PASSWORD = 'not-the-default';

/** Lines for lifeboat.yaml: the store in the database below. */
export const SHARED_STORE_CONFIGURATION = `store:
  kind: mariadb
  hosts: [${CLOUD_ADDRESS}]
  password_file: /etc/lifeboat/database.password
  lease_duration: 10s
`;

export const SHARED_STORE_FILES: readonly NodeFile[] = [
  {
    path: '/etc/lifeboat/database.password',
    content: `${PASSWORD}\n`,
    mode: 0o600,
    owner: 'hacluster:haclient',
    on: 'controller',
  },
];

/** A MariaDB in the network of the lab's switch, where the cloud is too; it ends with the lab. */
export async function startSharedStore(lab: Lab): Promise<DatabaseServer> {
  const layout = layoutOf(lab.name);
  const server = await createDatabaseServer({
    folder: mkdtempSync(join(tmpdir(), 'lifeboat-mariadb-')),
    address: CLOUD_ADDRESS,
    port: PORT,
    within: joining(switchCgroup(layout), ['nsenter', `--net=/run/netns/${switchNetns(layout)}`, '--']),
  });
  await server.start();
  await createDatabase(server, 'lifeboat', 'lifeboat', PASSWORD);
  return server;
}
