import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../../src/monitor/delivery/delivery.ts';
import { Sender } from '../../../src/monitor/delivery/sender.ts';
import { Spool } from '../../../src/monitor/spool/spool.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { virtualClock } from '../../support/virtual-clock.ts';
import { mortalJournal } from './mortal-journal.ts';
import { death, uuid } from './notifications.ts';

const TAKEN: Delivery = { kind: 'taken', said: 'the engine has it' };
const AWAY: Delivery = { kind: 'trouble', said: 'ECONNREFUSED', remedy: 'see crm_mon' };

function bench(answer: (n: number) => Delivery | Promise<Delivery>, chance = 0.5) {
  const clock = virtualClock();
  const logger = recordingLogger();
  const spool = new Spool({ file: mortalJournal(), limit: 1_000, clock, logger });
  const sent: { readonly instance: string | undefined; readonly atMs: number }[] = [];
  const sender = new Sender({
    spool,
    clock,
    logger,
    randomness: { next: () => chance, uuid: () => '' },
    deliver: async ({ notification }) => {
      sent.push({ instance: notification.payload.instance_uuid, atMs: clock.monotonic() });
      return answer(sent.length);
    },
  });
  const tell = (n: number): void => {
    spool.add(death(n));
    sender.wake();
  };
  return { clock, logger, sender, sent, spool, tell };
}

describe('the sender', () => {
  it('delivers one after the other, in their order, and then waits without a timer', async () => {
    const { clock, sender, sent, spool, tell } = bench(() => TAKEN);
    tell(1);
    sender.start();
    await clock.settle();
    for (const n of [2, 3]) tell(n);
    await clock.settle();
    expect(sent.map(({ instance }) => instance)).toEqual([uuid(1), uuid(2), uuid(3)]);
    expect(spool.waiting).toBe(0);
    expect(clock.scheduled).toBe(0);
  });

  it('tries again after a pause that doubles up to 30 s, half of it by chance, and never gives up', async () => {
    const { clock, sender, sent, tell } = bench(() => AWAY, 0);
    tell(1);
    sender.start();
    await clock.advance(600_000);
    const pauses = sent.slice(1).map(({ atMs }, index) => atMs - (sent[index]?.atMs ?? 0));
    expect(pauses.slice(0, 7)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    expect(sent.length).toBeGreaterThan(40);
  });

  it('delivers all that came meanwhile, once and in order, when the API was away for ten minutes', async () => {
    let isAway = true;
    const { clock, logger, sender, sent, spool, tell } = bench(() => (isAway ? AWAY : TAKEN));
    sender.start();
    for (let n = 0; n < 100; n += 1) {
      tell(n);
      await clock.advance(6_000);
    }
    expect(new Set(sent.map(({ instance }) => instance))).toEqual(new Set([uuid(0)]));
    expect(sent.length).toBeLessThan(50);
    expect(sender.standing).toMatchObject({ kind: 'trouble', said: 'ECONNREFUSED' });
    expect(spool.waiting).toBe(100);
    isAway = false;
    const tries = sent.length;
    await clock.advance(30_000);
    expect(sent.slice(tries).map(({ instance }) => instance)).toEqual(Array.from({ length: 100 }, (_, n) => uuid(n)));
    expect(spool.waiting).toBe(0);
    expect(sender.standing).toEqual({ kind: 'well' });
    expect(logger.lines.filter((line) => line.startsWith('warn:'))).toEqual([
      'warn: reports wait: ECONNREFUSED; see crm_mon',
    ]);
    expect(logger.lines).toContain('info: reports are taken again');
  });

  it('puts aside what is never taken, tells it, and goes on with the next', async () => {
    const { clock, logger, sender, sent, spool, tell } = bench((n) =>
      n === 1 ? { kind: 'refused', said: 'no uuid' } : TAKEN,
    );
    for (const n of [1, 2]) tell(n);
    sender.start();
    await clock.settle();
    expect(sent).toHaveLength(2);
    expect(spool.aside.map(({ reason }) => reason)).toEqual(['no uuid']);
    expect(logger.lines).toContainEqual(expect.stringMatching(/^error: not taken, and put aside: .*no uuid/));
  });

  it('waits as long as the API asks for, up to 30 s', async () => {
    const { clock, sender, sent, tell } = bench(() => ({ ...AWAY, notBeforeMs: 20_000 }));
    tell(1);
    sender.start();
    await clock.advance(19_000);
    expect(sent).toHaveLength(1);
    await clock.advance(2_000);
    expect(sent).toHaveLength(2);
  });

  it('is not hurried by a new report while the API is away, but by an operator', async () => {
    const { clock, sender, sent, tell } = bench(() => AWAY, 1);
    tell(1);
    sender.start();
    await clock.settle();
    tell(2);
    await clock.settle();
    expect(sent).toHaveLength(1);
    sender.hurry();
    await clock.settle();
    expect(sent).toHaveLength(2);
  });

  it('goes on after a defect of what delivers, with the same report', async () => {
    const { clock, sender, sent, spool, tell } = bench((n) => {
      if (n === 1) throw new TypeError('x is not a function');
      return TAKEN;
    });
    tell(1);
    sender.start();
    await clock.advance(2_000);
    expect(sent).toHaveLength(2);
    expect(spool.waiting).toBe(0);
  });

  it('keeps its pauses when the clock of the host jumps', async () => {
    const { clock, sender, sent, tell } = bench(() => AWAY, 0);
    tell(1);
    sender.start();
    await clock.settle();
    clock.jump(-86_400_000);
    await clock.advance(500);
    expect(sent).toHaveLength(2);
  });

  it('ends when it is stopped, in a pause or in the middle of a delivery, and leaves what waits', async () => {
    const paused = bench(() => AWAY);
    paused.tell(1);
    paused.sender.start();
    await paused.clock.settle();
    paused.sender.stop();
    await paused.clock.advance(60_000);
    expect(paused.sent).toHaveLength(1);
    expect(paused.clock.scheduled).toBe(0);

    const answer = Promise.withResolvers<Delivery>();
    const sending = bench(() => answer.promise);
    sending.tell(1);
    sending.sender.start();
    await sending.clock.settle();
    sending.sender.stop();
    answer.resolve(TAKEN);
    await sending.clock.settle();
    expect(sending.spool.waiting).toBe(1);
  });
});
