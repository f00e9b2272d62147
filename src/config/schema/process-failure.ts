import { z } from 'zod';
import { duration, key } from './keys.ts';

/** All of them have to fit into one reason of Nova's, of 255 characters. */
const PROCESS = z.string().regex(/^[A-Za-z0-9@._:-]{1,40}$/);

export const processFailure = z
  .strictObject({
    processes: key(
      z.array(PROCESS).max(5).prefault(['nova-compute']),
      'Processes without which nothing is to be placed on a host, as its monitor names them: when one is reported ' +
        'stopped, the compute service of the host is disabled. Reports of others are recorded only.',
      'a list of up to five names of processes',
      '[nova-compute, libvirtd]',
    ),
    well_after: duration(
      30_000,
      86_400_000,
      '2m',
      'A service that was disabled for nova-compute is enabled again when that is reported started; or, without a report, ' +
        'when Nova has heard it without a break for so long.',
    ),
  })
  .prefault({});
