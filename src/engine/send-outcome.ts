import type { ErrorCode, LifeboatError } from '../errors.ts';

/**
 * What an error of the evacuate call says about Nova:
 * - `refused`: Nova looked at this instance and said no; nothing is under way.
 * - `not-taken`: it never came to this instance (not allowed any more, no lease, credentials, TLS, endpoint); the same would
 *   befall every call.
 * - `unknown`: cut off; Nova may have taken it. Only the instance and its migration records tell.
 */
export type SendOutcome = 'refused' | 'not-taken' | 'unknown';

const REFUSED: readonly ErrorCode[] = ['CLOUD_CONFLICT', 'CLOUD_NOT_FOUND', 'CLOUD_BAD_REQUEST'];
const NOT_TAKEN: readonly ErrorCode[] = [
  'NOT_ALLOWED',
  'CLOUD_UNAUTHORIZED',
  'CLOUD_FORBIDDEN',
  'CLOUD_NO_ENDPOINT',
  'CLOUD_TLS',
  'LEASE_LAPSED',
  'LEASE_LOST',
];

export function sendOutcome(error: LifeboatError): SendOutcome {
  if (REFUSED.includes(error.code)) return 'refused';
  if (NOT_TAKEN.includes(error.code)) return 'not-taken';
  return 'unknown';
}
