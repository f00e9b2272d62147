import { z } from 'zod';
import { duration } from './keys.ts';

export const notifications = z
  .strictObject({
    duplicate_interval: duration(
      0,
      86_400_000,
      '180s',
      'A notification is refused as a duplicate when one of its type and host with the same payload was generated less ' +
        'than this long before it, or after it.',
    ),
    claim_patience: duration(
      10_000,
      86_400_000,
      '10m',
      'How long the report of a monitor that a host is down waits for Pacemaker to fence that host. A report proves ' +
        'nothing: without a fencing it ends with the reason, and nothing is evacuated.',
    ),
  })
  .prefault({});
