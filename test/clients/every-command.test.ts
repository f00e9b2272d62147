import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asRecorded, comparable } from './as-recorded.ts';
import { EVERY_COMMAND, runCommands, type CommandOutcome } from './commands.ts';
import { startCheckedDev } from './checked-dev.ts';
import type { DevProcess } from './dev-process.ts';
import { recordedOutcomes } from './recorded-masakari.ts';

/** The same client, the same commands: once with what Masakari answered, once with Lifeboat. */
describe('every command of Masakari’s client', () => {
  let dev: DevProcess;
  let recorded: readonly CommandOutcome[];
  let ours: readonly CommandOutcome[];
  beforeAll(async () => {
    dev = await startCheckedDev({ args: ['--auth', 'keystone', '--hosts', '5'] });
    recorded = await recordedOutcomes();
    ours = await runCommands(EVERY_COMMAND, dev.environment);
  });
  afterAll(() => dev?.stop());

  it.each(EVERY_COMMAND.map(({ as }, index) => [index, as] as const))(
    '%i, %s: shows what it showed of Masakari',
    (index) => {
      const [before, now] = [recorded[index], ours[index]];
      if (before === undefined || now === undefined) throw new Error('it was not run');
      expect(comparable(now)).toEqual(asRecorded(before, now));
    },
  );
});
