/** Installs what the tests of the shared store need, if it is missing: `node test/store/install.ts`. */
import { messageOf } from '../../src/errors.ts';
import { installMissing } from '../cluster/lab/packages.ts';

/** The programs without Debian's service, so nothing is started. */
const PACKAGES = ['galera-4', 'mariadb-client-core', 'mariadb-server-core'];

try {
  await installMissing(PACKAGES, 'MariaDB');
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
