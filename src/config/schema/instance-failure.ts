import { z } from 'zod';
import { count, duration, key } from './keys.ts';

export const instanceFailure = z
  .strictObject({
    select: key(
      z.enum(['marked', 'all']).prefault('marked'),
      'Which instances are started again when a monitor reports that their guest has died: those that instances.mark_key ' +
        'marks, as Masakari does by default, or all. Exclusions by name and project hold for both.',
      'marked or all',
    ),
    events: key(
      z.record(z.string().regex(/^[A-Z0-9_]{1,64}\/[A-Z0-9_]{1,64}$/), z.enum(['recover', 'record'])).prefault({}),
      'Events that are answered otherwise than docs/instance-recovery.md says, by EVENT/DETAIL as monitors report them.',
      'a map from EVENT/DETAIL to recover or record',
      '{ LIFECYCLE/SUSPENDED_IOERROR: recover }',
    ),
    stop_timeout: duration(10_000, 3_600_000, '3m', 'How long Nova may take to stop one.'),
    start_timeout: duration(10_000, 3_600_000, '2m', 'How long Nova may take to start one.'),
    attempts: count(1, 100, 3, 'How often Nova is asked to stop it, and to start it.'),
    restarts: count(1, 1_000, 3, 'So many restarts of one instance within instance_failure.within are enough.'),
    within: duration(60_000, 86_400_000, '10m', 'See instance_failure.restarts.'),
    when_exhausted: key(
      z.enum(['give_up', 'migrate']).prefault('give_up'),
      'What becomes of an instance that was restarted so often: it is left to an operator, or Nova migrates it to another ' +
        'host, where it is started. A cold migration copies its disk, unless that is shared or a volume.',
      'give_up or migrate',
    ),
    migrate_timeout: duration(60_000, 86_400_000, '1h', 'How long Nova may take to migrate one.'),
    migrate_again_after: duration(
      600_000,
      86_400_000,
      '24h',
      'An instance that was migrated is left to an operator for this long when it is restarted too often again.',
    ),
  })
  .prefault({});
