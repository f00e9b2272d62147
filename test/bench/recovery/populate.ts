import { eventually } from '../../support/eventually.ts';
import { askDatabase } from './ask-database.ts';
import type { Stage } from './contender.ts';

const BOOT_MS = 300_000;

/** A clean cloud with this many active instances on the host that will fail; answers their ids. */
export async function populate({ cloud, nova, victim }: Stage, instances: number): Promise<readonly string[]> {
  await cloud.reset();
  await nova.must('POST', '/servers', {
    server: {
      name: 'bench',
      imageRef: cloud.imageId,
      flavorRef: cloud.flavorId,
      // No Neutron is there to wait for; it is not what is measured.
      networks: 'none',
      availability_zone: `nova:${victim}`,
      min_count: instances,
      max_count: instances,
    },
  });
  return eventually(
    `${instances} active instances on ${victim}`,
    async () => {
      const rows = await askDatabase(
        cloud,
        'nova',
        'SELECT uuid, host, vm_state, task_state FROM instances WHERE deleted = 0',
      );
      const failed = rows.filter(([, , vmState]) => vmState === 'error');
      if (failed.length > 0) throw new Error(`${failed.length} of ${instances} instances could not be booted`);
      const active = rows.filter(
        ([, host, vmState, task]) => host === victim && vmState === 'active' && task === undefined,
      );
      return active.length === instances && active.map(([id = '']) => id);
    },
    { withinMs: BOOT_MS, everyMs: 500 },
  );
}
