import { Fault } from './fault.ts';
import type { Call } from './context.ts';

/** Throws a Fault of 403, in Masakari's words, unless the policy lets the caller do it. */
export function allow({ caller, ports }: Call, action: string): void {
  const rule = `os_masakari_api:${action}`;
  if (caller.onlyHost !== undefined && action !== 'notifications:create') {
    throw new Fault(403, `The key of a host doesn't allow ${rule} to be performed.`);
  }
  if (!ports.policy().allows(rule, caller)) throw new Fault(403, `Policy doesn't allow ${rule} to be performed.`);
}
