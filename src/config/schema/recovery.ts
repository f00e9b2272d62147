import { z } from 'zod';
import { RECOVERY_METHODS } from '../config.ts';
import { HOST_NAME, key, NAME, truth } from './keys.ts';

const SEGMENT_HOST = z.strictObject({
  name: HOST_NAME,
  reserved: z.boolean().prefault(false),
  on_maintenance: z.boolean().prefault(false),
  type: NAME.prefault('COMPUTE'),
  control_attributes: NAME.prefault('SSH'),
});

const SEGMENT = z.strictObject({
  name: NAME,
  description: z.string().max(4_096).optional(),
  service_type: NAME.prefault('COMPUTE'),
  recovery_method: z.enum(RECOVERY_METHODS).prefault('auto'),
  enabled: z.boolean().prefault(true),
  hosts: z.array(z.union([HOST_NAME.transform((name) => SEGMENT_HOST.parse({ name })), SEGMENT_HOST])).prefault([]),
});

const SEGMENTS = z.array(SEGMENT).superRefine((segments, context) => {
  for (const [what, names] of [
    ['segment', segments.map(({ name }) => name)],
    ['host', segments.flatMap(({ hosts }) => hosts.map(({ name }) => name.toLowerCase()))],
  ] as const) {
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined)
      context.addIssue({ code: 'custom', message: `each ${what} once; ${twice} is there twice` });
  }
});

export const recovery = z
  .strictObject({
    segments: key(
      SEGMENTS.prefault([]),
      'Hosts whose failures are answered in one way, as in Masakari. recovery_method: auto (Nova chooses the hosts), ' +
        'reserved_host (only reserved hosts of the segment are taken), auto_priority (reserved hosts for what Nova finds no ' +
        'host for), rh_priority (the other way round). Of a segment with enabled: false, and of a host with ' +
        'on_maintenance: true, no failure is answered. A reserved host is disabled in Nova until it is taken, in the order ' +
        'in which they stand here. A host of no segment is recovered by auto. Hosts are named as in Nova.',
      'a list of segments, each with a name and hosts',
      '[{ name: rack-a, recovery_method: auto_priority, hosts: [cmp1, cmp2, { name: cmp9, reserved: true }] }]',
    ),
    add_reserved_to_aggregates: truth(
      false,
      'Whether a reserved host that is taken is added to the host aggregates of the failed one, and taken out of them ' +
        'when it is given back.',
    ),
  })
  .prefault({});
