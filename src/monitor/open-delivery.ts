import { readFileSync } from 'node:fs';
import type { MonitorConfig } from '../config/monitor/config.ts';
import { readSecretFile } from '../config/secret-file.ts';
import { LifeboatError, messageOf } from '../errors.ts';
import type { Clock, Logger, Randomness } from '../ports.ts';
import type { Deliver } from './delivery/delivery.ts';
import { keyCredential } from './delivery/key-credential.ts';
import { createPost } from './delivery/post.ts';
import { toApi } from './delivery/to-api.ts';

export interface DeliveryPorts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
}

/** How reports leave this host, by its configuration. Reads files, sends nothing yet. Throws CONFIG_INVALID. */
export async function openDelivery(config: MonitorConfig, ports: DeliveryPorts): Promise<Deliver> {
  const { addresses, caFile, keyFile, requestTimeoutMs } = config.api;
  const post = createPost(ports.clock, requestTimeoutMs, caFile === undefined ? undefined : readAuthorities(caFile));
  if (keyFile !== undefined) {
    const credential = keyCredential(() => readSecretFile(keyFile, 'api.key_file', 'key'));
    return toApi({ addresses: () => Promise.resolve(addresses), credential, post });
  }
  if (config.cloud.name === undefined && ports.environment.OS_AUTH_URL === undefined) {
    const told = 'neither api.key_file nor a cloud is configured: the API would not know this host';
    throw new LifeboatError('CONFIG_INVALID', told);
  }
  // Loaded here: with a key there is no Keystone, and what asks it is a third of this program's memory.
  const { cloudSource } = await import('../openstack/cloud-source.ts');
  const { openKeystone } = await import('../openstack/open-keystone.ts');
  const { keystoneCredential } = await import('./delivery/keystone-credential.ts');
  const source = cloudSource(config.cloud, ports.environment);
  const keystone = await openKeystone({ source, ...ports, timings: { requestMs: requestTimeoutMs, budgetMs: 5_000 } });
  return toApi({
    addresses: async (signal) =>
      addresses.length > 0 ? addresses : [await keystone.endpoint(['instance-ha', 'ha'], signal)],
    credential: keystoneCredential(keystone),
    post,
  });
}

function readAuthorities(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new LifeboatError('CONFIG_INVALID', `api.ca_file: ${path} cannot be read: ${messageOf(error)}`);
  }
}
