import { z } from 'zod';
import { key, NAME } from './keys.ts';

const PATTERN = z.string().transform((source, context) => {
  try {
    return new RegExp(source, 'u');
  } catch {
    context.addIssue({ code: 'custom', message: 'not a regular expression' });
    return z.NEVER;
  }
});

export const instances = z
  .strictObject({
    select: key(
      z.enum(['all', 'marked', 'tagged']).prefault('all'),
      'Which instances are recovered: all of them; only those whose metadata has instances.mark_key set to True (marked); ' +
        'or only those whose flavor or image is tagged (tagged). With tagged all of them are while no flavor and no image ' +
        'of the cloud is tagged, and while flavors and images cannot be read.',
      'all, marked or tagged',
    ),
    mark_key: key(
      NAME.prefault('HA_Enabled'),
      'The metadata key that marks an instance when instances.select is marked. The value is read without regard to case.',
      'the name of a metadata key',
    ),
    tag: key(
      NAME.prefault('evacuable'),
      'With instances.select tagged: the extra spec of the flavor that is true, the property of the image that is true, or ' +
        'the tag of the image. NovaEvacuate has evacuable.',
      'the name of an extra spec, property or tag',
    ),
    exclude_names: key(
      z.array(PATTERN).prefault([]),
      'Instances whose name matches one of these are never recovered.',
      'a list of regular expressions',
      "['^amphora-']",
    ),
    exclude_projects: key(
      z.array(NAME).prefault([]),
      'Instances of these projects (by id) are never recovered.',
      'a list of project ids',
      '[0123456789abcdef0123456789abcdef]',
    ),
  })
  .prefault({});
