import { expect, it } from 'vitest';
import { nameUuid, numberOfUuid } from '../../../../src/engine/registry/name-uuid.ts';

it('names have the uuids of version 5 that everybody gives them', () => {
  // The example of Python's documentation: uuid5(NAMESPACE_DNS, 'python.org').
  expect(nameUuid('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'python.org')).toBe('886313e1-3b8a-5372-9b90-0c9aee199e5d');
});

it('numbers of uuids are whole, and differ where the uuids do', () => {
  expect(numberOfUuid('886313e1-3b8a-5372-9b90-0c9aee199e5d')).toBe(0x0c9aee199e5d);
  expect(Number.isSafeInteger(numberOfUuid('ffffffff-ffff-ffff-ffff-ffffffffffff'))).toBe(true);
});
