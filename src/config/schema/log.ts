import { z } from 'zod';
import { LOG_LEVELS } from '../config.ts';
import { key } from './keys.ts';

export const log = z
  .strictObject({
    level: key(
      z.enum(LOG_LEVELS).prefault('info'),
      'The least level that is logged. The log is one JSON object a line.',
      LOG_LEVELS.join(', '),
    ),
  })
  .prefault({});
