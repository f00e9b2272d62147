import { z } from 'zod';
import { PRIORITY_SOURCES } from '../config.ts';
import { count, duration, key, NAME } from './keys.ts';

const PRIORITY = z.int().min(1).max(1000);
const PROJECT_PRIORITIES = z.record(NAME, PRIORITY);

export const order = z
  .strictObject({
    sources: key(
      z.array(z.enum(PRIORITY_SOURCES)).prefault(['metadata', 'flavor', 'project']),
      'What may name the priority of an instance, 1 to 1000; the highest is sent first. The first of them that names one ' +
        'decides. Metadata is written by the owner of the instance: leave it out where owners should not decide. image ' +
        'reads the images from Glance now and then.',
      `a list of ${PRIORITY_SOURCES.join(', ')}`,
    ),
    priority_key: key(
      NAME.prefault('lifeboat:priority'),
      'The key of the priority in metadata, in the extra specs of the flavor and among the properties of the image. In ' +
        'metadata instanceha:restart_priority counts too, where this key is not given.',
      'the name of a key',
    ),
    group_key: key(
      NAME.prefault('lifeboat:group'),
      'The metadata key that names the group of an instance. A group is as important as its most important member. ' +
        'instanceha:restart_group counts too.',
      'the name of a metadata key',
    ),
    after_key: key(
      NAME.prefault('lifeboat:start_after'),
      'The metadata key that names the groups which must run before the instance is sent, with commas between them. ' +
        'Members of these groups that are not on a lost host are not waited for.',
      'the name of a metadata key',
    ),
    projects: key(
      PROJECT_PRIORITIES.prefault({}),
      'Priorities of the instances of whole projects, by project id.',
      'a map of project ids to numbers from 1 to 1000',
      '{ 0123456789abcdef0123456789abcdef: 900 }',
    ),
    usual_priority: count(1, 1000, 500, 'The priority of an instance of which nothing else says it.'),
    group_timeout: duration(
      0,
      86_400_000,
      '5m',
      'How long an instance waits for the groups that it starts after. Then it is sent all the same.',
    ),
  })
  .prefault({});
