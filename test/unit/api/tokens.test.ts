import { describe, expect, it } from 'vitest';
import { keystoneTokens } from '../../../src/api/auth/keystone-tokens.ts';
import type { TokenHolder } from '../../../src/api/auth/caller.ts';
import { LifeboatError } from '../../../src/errors.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { virtualClock } from '../../support/virtual-clock.ts';
import { callerOf } from './masakari-stage.ts';

const HOUR = 3_600_000;

function holder(leftMs = HOUR): TokenHolder {
  return { ...callerOf(['admin']), leftMs };
}

async function away(): Promise<never> {
  throw new LifeboatError('CLOUD_UNREACHABLE', 'Keystone does not answer');
}

function stage() {
  const clock = virtualClock();
  const logger = recordingLogger();
  const asked: string[] = [];
  const keystone: { answer: (signal: AbortSignal) => Promise<TokenHolder | undefined> } = {
    answer: async () => holder(),
  };
  const authenticate = keystoneTokens({
    check: (token, signal) => {
      asked.push(token);
      return keystone.answer(signal);
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
    keystone.answer = async () => holder();
    expect((await authenticate('t')).kind).toBe('refused');
    await clock.advance(10_001);
    expect((await authenticate('t')).kind).toBe('caller');
  });

  it('is no token when it is missing, empty or longer than any; Keystone is not asked', async () => {
    const { asked, authenticate } = stage();
    for (const token of [undefined, '', 'x'.repeat(5_000)]) expect((await authenticate(token)).kind).toBe('refused');
    expect(asked).toEqual([]);
  });

  it('that ends sooner than it would be asked about again is refused at its end', async () => {
    const { authenticate, clock, keystone } = stage();
    keystone.answer = async () => holder(60_000);
    expect((await authenticate('t')).kind).toBe('caller');
    keystone.answer = async () => undefined;
    await clock.advance(59_999);
    expect((await authenticate('t')).kind).toBe('caller');
    await clock.advance(1);
    expect((await authenticate('t')).kind).toBe('refused');
  });

  it('that has ended by Keystone’s own clock is refused', async () => {
    const { authenticate, keystone } = stage();
    keystone.answer = async () => holder(0);
    expect((await authenticate('t')).kind).toBe('refused');
  });

  it('that was seen goes on while Keystone is away, as long as it is believed; others are told to come again', async () => {
    const { authenticate, clock, keystone } = stage();
    await authenticate('known');
    keystone.answer = away;
    expect((await authenticate('new')).kind).toBe('unavailable');
    await clock.advance(299_999);
    expect((await authenticate('known')).kind).toBe('caller');
    await clock.advance(1);
    expect((await authenticate('known')).kind).toBe('unavailable');
    keystone.answer = async () => holder();
    await clock.advance(1_000);
    expect((await authenticate('known')).kind).toBe('caller');
    expect((await authenticate('new')).kind).toBe('caller');
  });

  it('is not waited for longer than 5 s at a Keystone that hangs', async () => {
    const { authenticate, clock, keystone } = stage();
    keystone.answer = (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
      });
    const answer = authenticate('t');
    await clock.advance(5_000);
    expect((await answer).kind).toBe('unavailable');
  });

  it('is in no log, and that Keystone is away is told once, and once that it is back', async () => {
    const { authenticate, clock, keystone, logger } = stage();
    keystone.answer = away;
    for (const token of ['secret-1', 'secret-2', 'secret-3']) await authenticate(token);
    keystone.answer = async () => holder();
    await clock.advance(1_000);
    await authenticate('secret-1');
    expect(logger.lines).toEqual([
      'error: tokens cannot be checked: Keystone does not answer [CLOUD_UNREACHABLE]',
      'info: tokens can be checked again',
    ]);
  });

  it('that is rubbish does not push out those that Keystone knows', async () => {
    const { asked, authenticate, keystone } = stage();
    await authenticate('known');
    keystone.answer = async () => undefined;
    for (let number = 0; number < 2_100; number += 1) await authenticate(`rubbish-${number}`);
    expect((await authenticate('known')).kind).toBe('caller');
    expect(asked.filter((token) => token === 'known')).toHaveLength(1);
  });
});
