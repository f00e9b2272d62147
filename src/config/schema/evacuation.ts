import { z } from 'zod';
import { count, duration } from './keys.ts';

export const evacuation = z
  .strictObject({
    parallel: count(
      1,
      500,
      20,
      'How many evacuations may be in flight at one time, over all hosts. More is sooner, until Nova or its database ' +
        'is the bottleneck.',
    ),
    request_timeout: duration(1_000, 300_000, '30s', 'How long one request to Keystone or Nova may take.'),
    settle_time: duration(
      0,
      300_000,
      '60s',
      'How long an evacuate call with an unknown outcome is left alone before Nova is believed not to have taken it. ' +
        'Longer than a request can wait in front of a busy Nova: a second evacuate of one instance wrecks it.',
    ),
    move_timeout: duration(
      10_000,
      86_400_000,
      '10m',
      'How long one instance may be on its way before its move is failed. Time to rebuild its disk counts.',
    ),
    attempts: count(1, 10, 3, 'How often the evacuation of one instance is tried before its move is failed.'),
    retry_delay: duration(100, 600_000, '5s', 'How long to wait before an evacuation that failed is tried again.'),
    witness_silence: duration(
      10_000,
      3_600_000,
      '60s',
      'A heartbeat of nova-compute after the fencing means that the fencing lied, and the recovery is held. Without ' +
        'another one for this long it counts as somebody writing to the service, and the recovery goes on.',
    ),
  })
  .prefault({});
