/** Installs what the tests of systemd need, if it is missing: `node test/processes/install.ts`. */
import { messageOf } from '../../src/errors.ts';
import { installMissing } from '../cluster/lab/packages.ts';
import { checkMachine } from '../cluster/lab/requirements.ts';

try {
  await installMissing(
    ['dbus', 'dbus-daemon', 'iproute2', 'mount', 'procps', 'systemd', 'util-linux'],
    'systemd and D-Bus',
  );
  checkMachine();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
