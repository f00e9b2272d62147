import { randomUUID } from 'node:crypto';
import type { Randomness } from '../ports.ts';

export const systemRandomness: Randomness = {
  next: () => Math.random(),
  uuid: () => randomUUID(),
};
