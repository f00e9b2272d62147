import { describe, expect, it } from 'vitest';
import { keystoneTokens } from '../../../src/api/auth/keystone-tokens.ts';
import type { Caller } from '../../../src/api/auth/caller.ts';
import { LifeboatError } from '../../../src/errors.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { virtualClock } from '../../support/virtual-clock.ts';
import { callerOf } from './masakari-stage.ts';

function stage() {
  const clock = virtualClock();
  const logger = recordingLogger();
  const asked: string[] = [];
  const keystone: { answer: () => Promise<Caller | undefined> } = { answer: async () => callerOf(['admin']) };
  const authenticate = keystoneTokens({
    check: (token) => {
      asked.push(token);
      return keystone.answer();
    },
    clock,
    logger,
    cacheMs: 300_000,
  });
  return { authenticate, clock, logger, asked, keystone };
}

describe('a token', () => {
  it('is asked about once, by all who come with it at one time, until it is to be asked about again', async () => {
    const { asked, authenticate, clock } = stage();
    const answers = await Promise.all([authenticate('t'), authenticate('t'), authenticate('t')]);
    expect(answers.map(({ kind }) => kind)).toEqual(['caller', 'caller', 'caller']);
    await authenticate('t');
    expect(asked).toEqual(['t']);
    await clock.advance(300_000);
    await authenticate('t');
    expect(asked).toEqual(['t', 't']);
  });

  it('that was revoked is refused when it was asked about again', async () => {
    const { authenticate, clock, keystone } = stage();
    await authenticate('t');
    keystone.answer = async () => undefined;
    expect((await authenticate('t')).kind).toBe('caller');
    await clock.advance(300_001);
    expect((await authenticate('t')).kind).toBe('refused');
  });

  it('that was refused may be good ten seconds later', async () => {
    const { authenticate, clock, keystone } = stage();
    keystone.answer = async () => undefined;
    expect((await authenticate('t')).kind).toBe('refused');
    keystone.answer = async () => callerOf(['admin']);
    expect((await authenticate('t')).kind).toBe('refused');
    await clock.advance(10_001);
    expect((await authenticate('t')).kind).toBe('caller');
  });

  it('is no token when it is missing, empty or longer than any; Keystone is not asked', async () => {
    const { asked, authenticate } = stage();
    for (const token of [undefined, '', 'x'.repeat(5_000)]) expect((await authenticate(token)).kind).toBe('refused');
    expect(asked).toEqual([]);
  });

  it('that was seen goes on while Keystone is away; others are told to come again, and it is in no log', async () => {
    const { authenticate, clock, keystone, logger } = stage();
    await authenticate('known');
    keystone.answer = async () => {
      throw new LifeboatError('CLOUD_UNREACHABLE', 'Keystone does not answer');
    };
    expect((await authenticate('known')).kind).toBe('caller');
    expect((await authenticate('secret-new')).kind).toBe('unavailable');
    expect(logger.lines.join('\n')).toContain('Keystone does not answer');
    expect(logger.lines.join('\n')).not.toContain('secret-new');
    keystone.answer = async () => callerOf(['admin']);
    await clock.advance(1_001);
    expect((await authenticate('secret-new')).kind).toBe('caller');
  });
});
