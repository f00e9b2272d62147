import { cloudContract } from '../../contract/cloud.ts';
import { openStage } from './stage.ts';
import type { EmulatorOptions } from '../../emulator/index.ts';

for (const [name, options] of [
  ['emulator', {}],
  ['emulator with one row a page', { pageLimit: 1 }],
  ['emulator that closes connections without saying so', { connections: 'closed-silently' }],
  ['emulator of the oldest Nova', { maxMicroversion: '2.53' }],
] satisfies readonly (readonly [string, Partial<EmulatorOptions>])[]) {
  cloudContract(name, async () => {
    const stage = await openStage({ options });
    const { emulator } = stage;
    return {
      cloud: stage.cloud,
      hosts: ['c1', 'c2', 'c3'],
      boot: (host, vmState) => emulator.addInstance({ host, vmState }),
      kill: (host) => emulator.killHost(host),
      restart: async (host) => {
        await emulator.returnHost(host);
      },
      patienceMs: 5_000,
      dispose: () => stage[Symbol.asyncDispose](),
    };
  });
}
