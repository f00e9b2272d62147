import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCheckedDev } from './checked-dev.ts';
import type { DevProcess } from './dev-process.ts';
import { EXPECTED_OF_EVERY_CALL, everySdkCall } from './sdk-calls.ts';

/** openstacksdk as Debian packages it, without Keystone, as Horizon and scripts of operators use it. */
describe('openstacksdk', () => {
  let dev: DevProcess;
  beforeAll(async () => {
    dev = await startCheckedDev({ args: ['--hosts', '2'] });
  });
  afterAll(() => dev?.stop());

  it('gets from every call what it expects', async () => {
    expect(await everySdkCall({ kind: 'no token', url: `${dev.url}/v1` })).toMatchObject(EXPECTED_OF_EVERY_CALL);
  });
});
