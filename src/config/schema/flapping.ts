import { z } from 'zod';
import { count, duration } from './keys.ts';

export const flapping = z
  .strictObject({
    failures: count(
      2,
      1_000,
      3,
      'A host that has failed this often within flapping.window is recovered as any other, but not given back to Nova ' +
        'before an operator says so (lifeboat acknowledge HOST).',
    ),
    window: duration(60_000, 2_592_000_000, '24h', 'The time over which the failures of a host are counted.'),
  })
  .prefault({});
