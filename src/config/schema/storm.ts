import { z } from 'zod';
import { count, duration } from './keys.ts';

export const storm = z
  .strictObject({
    window: duration(10_000, 86_400_000, '5m', 'Hosts that were lost within this time are counted together.'),
    max_hosts: count(
      1,
      100_000,
      8,
      'How many hosts may be lost within the window. More are a storm: none of them that has not begun is recovered ' +
        'before it is over, or an operator says so (lifeboat proceed). One host is never a storm.',
    ),
    max_percent: count(1, 100, 50, 'The same as a share of all hosts, rounded down. The smaller of the two counts.'),
    max_hosts_per_segment: count(1, 100_000, 8, 'How many hosts of one segment may be lost within the window.'),
    max_percent_per_segment: count(1, 100, 50, 'The same as a share of the hosts of the segment.'),
    cool_down: duration(
      0,
      86_400_000,
      '5m',
      'How long no limit must have been exceeded before what was held begins by itself.',
    ),
  })
  .prefault({});
