import { z } from 'zod';
import { HOST_NAME, key, NAME } from './keys.ts';

export const hosts = z
  .strictObject({
    map: key(
      z.record(HOST_NAME, HOST_NAME).prefault({}),
      'Cluster nodes whose name is not the host name in Nova. Without an entry, the node attribute named by ' +
        'hosts.attribute decides, then the name itself, with or without a domain.',
      'a map of cluster node names to Nova host names',
      '{ cmp1: cmp1.example.com }',
    ),
    attribute: key(
      NAME.prefault('lifeboat-host'),
      'The node attribute that names the Nova host of a node: crm_attribute --node cmp1 --name lifeboat-host ' +
        '--update cmp1.example.com',
      'the name of a node attribute',
    ),
    ignore: key(
      z.array(HOST_NAME).prefault([]),
      'Cluster nodes that Lifeboat never looks at.',
      'a list of cluster node names',
      '[cmp9]',
    ),
  })
  .prefault({});
