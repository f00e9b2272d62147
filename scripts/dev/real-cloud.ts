import { homedir } from 'node:os';
import { join } from 'node:path';
import { LifeboatError } from '../../src/errors.ts';
import type { DevCloud } from './dev-cloud.ts';

export interface RealCloudChoice {
  /** In clouds.yaml. */
  readonly name: string;
  /** undefined: the first of the usual places that has one. */
  readonly file: string | undefined;
}

/**
 * A cloud that somebody uses. It is read, and tokens are checked there; nothing in it is ever changed: the cluster of dev
 * mode is invented, and what it says of a host must not force down a real one, nor evacuate its instances. There is no
 * option to allow it. Beside that, the invented cluster has no way to lose one of these hosts.
 */
export function realCloud({ file, name }: RealCloudChoice): DevCloud {
  const searchPaths = ['clouds.yaml', join(homedir(), '.config/openstack/clouds.yaml'), '/etc/openstack/clouds.yaml'];
  return {
    source: { kind: 'clouds-file', cloud: name, ...(file === undefined ? { searchPaths } : { file }) },
    beforeChange: () => {
      throw new LifeboatError('NOT_ALLOWED', `dev mode changes nothing in a real cloud, and ${name} is one`);
    },
    environment: {},
    hosts: async (cloud) => {
      const hosts = (await cloud.computeServices()).map(({ host }) => host);
      if (hosts.length === 0) throw new Error(`Nova of the cloud ${name} has no nova-compute`);
      return hosts.toSorted();
    },
    power: {
      kind: 'real',
      refusal: (host) =>
        `${host} is a machine of the cloud ${name}: dev mode kills none, and does not say that one is dead. ` +
        'To see a recovery: npm run dev without --cloud, or npm run demo',
    },
    close: async () => undefined,
  };
}
