import type { Credential } from './credential.ts';

/** The key of this host, in a file: `read` throws CONFIG_INVALID. A new one is taken when the old one is refused. */
export function keyCredential(read: () => string): Credential {
  let key = read();
  return {
    token: () => Promise.resolve(key),
    refused(token) {
      try {
        key = read();
      } catch {
        // The file is being replaced: the next refusal looks again.
      }
      return key !== token;
    },
    remedy:
      'write what "lifeboat-monitor make-key" printed into api.host_keys_file of every controller, or make a new key',
  };
}
