import { z } from 'zod';
import { duration, truth } from './keys.ts';

export const capacity = z
  .strictObject({
    check_every: duration(
      0,
      604_800_000,
      '30m',
      'In this time Lifeboat asks once for every host whether its instances would find a place if it died (N+1), with ' +
        'three calls for each host, and only while nothing is lost. 0s is never.',
    ),
    across_zones: truth(
      false,
      'Whether instances may go to another availability zone. Nova keeps there what was asked for with a zone; plans and ' +
        'N+1 take it so for all, unless this is true.',
    ),
  })
  .prefault({});
