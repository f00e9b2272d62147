/** Installs what the tier of the packages needs, and makes its root once: `node test/packages/install.ts`. */
import { messageOf } from '../../src/errors.ts';
import { installMissing } from '../cluster/lab/packages.ts';
import { checkMachine } from '../cluster/lab/requirements.ts';
import { debianRoot } from './lab/root.ts';

const TOOLS = ['debootstrap', 'iproute2', 'lintian', 'mount', 'rpm', 'rpmlint', 'util-linux'];

try {
  await installMissing(TOOLS, 'what checks packages');
  checkMachine();
  process.stdout.write(`the root to install into is ${await debianRoot()}\n`);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
