import { z } from 'zod';
import { key } from './keys.ts';

const ENDPOINT = z.string().regex(/^https?:\/\/[^\s?#@]+$/);

export const masakari = z
  .strictObject({
    endpoint: key(
      ENDPOINT.optional(),
      'For sink: masakari: the API of the Masakari that is told of failures. Without it: the endpoint of the service type ' +
        'instance-ha in the catalog, in the region and of the interface that clouds.yaml names.',
      'an address that begins with http:// or https://',
      'http://10.0.0.5:15868/v1',
    ),
  })
  .prefault({});
