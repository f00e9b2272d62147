import { validateInstallation, type Validation } from '../daemon/validate.ts';
import { COMMAND, DAEMON, RUNTIME } from '../installed.ts';
import type { Call } from './parameters.ts';

export function validate({ parameters }: Call): Validation {
  return validateInstallation({
    parameters,
    programs: [RUNTIME, DAEMON, COMMAND],
    showConfig: [COMMAND, 'config', 'show'],
  });
}
