/** Installs what the lab of guests needs, if it is missing: `node test/guests/install.ts`. */
import { messageOf } from '../../src/errors.ts';
import { ensureGuestPackages } from './lab/packages.ts';

try {
  await ensureGuestPackages();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
