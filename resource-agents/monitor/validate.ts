import { validateInstallation, type Validation } from '../daemon/validate.ts';
import { MONITOR, RUNTIME } from '../installed.ts';
import type { MonitorCall } from './parameters.ts';

export function validate({ parameters }: MonitorCall): Validation {
  return validateInstallation({
    parameters,
    programs: [RUNTIME, MONITOR],
    showConfig: [MONITOR, 'config', 'show'],
  });
}
