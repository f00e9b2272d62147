import { z } from 'zod';
import { duration } from './keys.ts';

export const cluster = z
  .strictObject({
    poll_interval: duration(
      1_000,
      60_000,
      '5s',
      'How often the cluster is read when no alert asks for it. An alert wakes Lifeboat at once; this is the net below it.',
    ),
    lost_poll_interval: duration(
      200,
      60_000,
      '1s',
      'How often the cluster is read while a host is lost and not yet proven down.',
    ),
    command_timeout: duration(
      1_000,
      120_000,
      '15s',
      'How long one command of Pacemaker (crm_mon, cibadmin, stonith_admin, attrd_updater) may take.',
    ),
  })
  .refine((value) => value.lost_poll_interval <= value.poll_interval, {
    path: ['lost_poll_interval'],
    message: 'a duration that is not longer than poll_interval',
  })
  .prefault({});
