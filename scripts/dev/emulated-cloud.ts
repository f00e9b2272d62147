import { startEmulator } from '../../test/emulator/index.ts';
import type { DevCloud } from './dev-cloud.ts';

export interface EmulatedCloudOptions {
  /** Of the API, for the catalog. */
  readonly url: string;
  readonly hosts: number;
  /** On each host. */
  readonly instances: number;
}

export async function emulatedCloud(options: EmulatedCloudOptions): Promise<DevCloud> {
  const emulator = await startEmulator({ options: { instanceHaUrl: options.url, spawnMs: 1_500 } });
  const hosts = Array.from({ length: options.hosts }, (_, index) => `compute-${index + 1}`);
  for (const name of hosts) {
    await emulator.addHost({ name });
    if (options.instances > 0) await emulator.addInstances(name, options.instances, `${name}-vm`);
  }
  return {
    source: { kind: 'environment', variables: emulator.environment },
    beforeChange: () => undefined,
    environment: emulator.environment,
    hosts: async () => hosts,
    power: {
      kind: 'emulated',
      kill: async (host) => {
        await emulator.killHost(host);
      },
      restore: async (host) => {
        await emulator.returnHost(host);
      },
    },
    close: () => emulator.close(),
  };
}
