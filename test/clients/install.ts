/** Installs the clients that talk to Masakari, if they are missing: `node test/clients/install.ts`. */
import { messageOf } from '../../src/errors.ts';
import { installMissing } from '../cluster/lab/packages.ts';

const PACKAGES = [
  'python3-masakariclient',
  'python3-openstackclient',
  'python3-openstacksdk',
  'python3-masakari-monitors',
];

try {
  await installMissing(PACKAGES, 'the clients of Masakari');
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
