import { z } from 'zod';
import { ABSOLUTE_PATH, BASE_URL, duration, HOST_NAME, key } from './keys.ts';

export const gate = z
  .strictObject({
    engines: key(
      z.array(BASE_URL).prefault([]),
      'The API of the engine on every controller. All are asked at once; the one where the engine runs answers.',
      'a list of addresses that begin with http:// or https://',
      "['http://ctl1:15868', 'http://ctl2:15868', 'http://ctl3:15868']",
    ),
    ca_file: key(
      ABSOLUTE_PATH.optional(),
      'The authorities that certificates of gate.engines are checked with. Without it: those that Node.js comes with.',
      'an absolute path',
      '/etc/ssl/certs/ca-certificates.crt',
    ),
    host: key(
      HOST_NAME.optional(),
      'This host as Nova names it. Without it: host in /etc/nova/nova.conf, else the name of the machine.',
      'the name of a Nova host',
      'cmp1.example.com',
    ),
    timeout: duration(
      0,
      86_400_000,
      '0s',
      'How long lifeboat gate wait waits before it refuses; 0s is for ever. What it waits for is in the journal.',
    ),
    poll_interval: duration(500, 300_000, '3s', 'How long to wait before asking again.'),
    request_timeout: duration(
      1_000,
      120_000,
      '15s',
      'How long one engine may take to answer. It reads the cluster anew for each answer.',
    ),
    when_unknown: key(
      z.enum(['refuse', 'open']).prefault('refuse'),
      'What happens when nobody knows whether this host is being recovered: refuse keeps it out until somebody does; ' +
        'open lets it start after gate.unknown_patience, at the risk of running an instance twice.',
      'refuse or open',
    ),
    unknown_patience: duration(
      0,
      86_400_000,
      '5m',
      'How long it must have been in doubt before gate.when_unknown open lets it start.',
    ),
  })
  .prefault({});
