/** Installs what the lab needs, if it is missing: `node test/cluster/lab/install.ts`. */
import { messageOf } from '../../../src/errors.ts';
import { ensurePackages } from './packages.ts';

try {
  await ensurePackages();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
