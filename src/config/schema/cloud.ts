import { z } from 'zod';
import { ABSOLUTE_PATH, key, NAME } from './keys.ts';

export const cloud = z
  .strictObject({
    name: key(
      NAME.optional(),
      'The name of the cloud in clouds.yaml. Without it the daemon takes its credentials from OS_* variables in its ' +
        'environment.',
      'the name of a cloud in clouds.yaml',
      'lifeboat',
    ),
    clouds_file: key(
      ABSOLUTE_PATH.optional(),
      'Where clouds.yaml is. Without it: /etc/openstack/clouds.yaml. The group haclient must be able to read it, and ' +
        'nobody else should.',
      'an absolute path',
      '/etc/openstack/clouds.yaml',
    ),
    secure_file: key(
      ABSOLUTE_PATH.optional(),
      'Where secure.yaml is, which holds the secrets of clouds.yaml. Without it: secure.yaml beside the clouds file, ' +
        'when there is one.',
      'an absolute path',
      '/etc/openstack/secure.yaml',
    ),
  })
  .refine((value) => value.name !== undefined || (value.clouds_file ?? value.secure_file) === undefined, {
    path: ['name'],
    message: 'the name of a cloud in clouds.yaml, because clouds_file or secure_file is given',
  })
  .prefault({});
