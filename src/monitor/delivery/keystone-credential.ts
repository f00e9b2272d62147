import type { OpenKeystone } from '../../openstack/open-keystone.ts';
import type { Credential } from './credential.ts';

/** A user of Keystone with the role lifeboat_monitor, by password or application credential. */
export function keystoneCredential(keystone: OpenKeystone): Credential {
  return {
    token: (signal) => keystone.token(signal),
    refused: (token) => {
      keystone.forget(token);
      return true;
    },
    remedy: 'check the credentials that cloud in monitor.yaml names, and that the engine asks the same Keystone',
  };
}
