import { z } from 'zod';
import { truth } from './keys.ts';

export const proof = z
  .strictObject({
    accept_human_confirmation: truth(
      true,
      'Whether "stonith_admin --confirm NODE" proves that a host is down. Whoever types it must have made sure that ' +
        'the machine is off: its instances are started elsewhere because of it.',
    ),
  })
  .prefault({});
