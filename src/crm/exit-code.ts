import type { ErrorCode } from '../errors.ts';

/**
 * What an exit code of Pacemaker's commands means to us (crm_exit_t; `crm_error --exit --list` prints the words). The
 * commands use 102 also where the system call said "Permission denied", so the first line of their words counts too.
 */
export function errorOfExitCode(exitCode: number, said: string): ErrorCode {
  if (/permission denied|insufficient privileges/i.test(said)) return 'CRM_NO_PERMISSION';
  switch (exitCode) {
    case 4: // CRM_EX_INSUFFICIENT_PRIV
    case 77: // CRM_EX_NOPERM
      return 'CRM_NO_PERMISSION';
    case 69: // CRM_EX_UNAVAILABLE
    case 102: // CRM_EX_DISCONNECT
      return 'CRM_NO_CLUSTER';
    case 124: // CRM_EX_TIMEOUT
      return 'CRM_TIMED_OUT';
    default:
      return 'CRM_FAILED';
  }
}

/** CRM_EX_NOSUCH: cibadmin --xpath found nothing. */
export const NO_SUCH_OBJECT = 105;
