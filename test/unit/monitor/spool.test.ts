import { describe, expect, it } from 'vitest';
import { LifeboatError } from '../../../src/errors.ts';
import type { JournalFile } from '../../../src/monitor/spool/journal-file.ts';
import { Spool } from '../../../src/monitor/spool/spool.ts';
import { recordingLogger, type RecordingLogger } from '../../support/recording-logger.ts';
import { virtualClock, type VirtualClock } from '../../support/virtual-clock.ts';
import { Killed, mortalJournal } from './mortal-journal.ts';
import { death, shutdown, uuid } from './notifications.ts';

interface Bench {
  readonly spool: Spool;
  readonly clock: VirtualClock;
  readonly logger: RecordingLogger;
}

function open(file: JournalFile, limit = 1_000, clock = virtualClock()): Bench {
  const logger = recordingLogger();
  return { spool: new Spool({ file, limit, clock, logger }), clock, logger };
}

/** Takes all that waits, in its order. */
function drain(spool: Spool): readonly (string | undefined)[] {
  const taken: (string | undefined)[] = [];
  for (let report = spool.next(); report !== undefined; report = spool.next()) {
    taken.push(report.notification.payload.instance_uuid);
    spool.told(report.id);
  }
  return taken;
}

describe('the spool', () => {
  it('gives what was told in its order, also to the next process', () => {
    const file = mortalJournal();
    const { spool } = open(file);
    for (const n of [3, 1, 2]) expect(spool.add(death(n))).toBe('kept');
    spool.told(spool.next()?.id ?? '');
    expect(drain(open(mortalJournal(file.text)).spool)).toEqual([uuid(1), uuid(2)]);
  });

  it('loses nothing that it has taken, and gives nothing twice that it has ticked off, killed at any effect', () => {
    const total = 40;
    let killed = 0;
    for (const share of [0, 0.5, 1]) {
      for (let dieAt = 1; dieAt <= total; dieAt += 1) {
        const file = mortalJournal('', dieAt, share);
        const kept: string[] = [];
        const delivered: string[] = [];
        const ticked: string[] = [];
        try {
          const { spool } = open(file);
          for (let n = 0; n < total / 2; n += 1) {
            // A journal that dies never returns: the spool must not take that for a full disk.
            if (spool.add(death(n)) !== 'kept') throw new Killed();
            kept.push(uuid(n));
            if (n % 2 === 0) continue;
            const first = spool.next();
            const instance = first?.notification.payload.instance_uuid ?? '';
            delivered.push(instance);
            spool.told(first?.id ?? '');
            if (spool.trouble !== undefined) throw new Killed();
            ticked.push(instance);
          }
        } catch (error) {
          if (!(error instanceof Killed)) throw error;
          killed += 1;
        }
        const left = drain(open(mortalJournal(file.text)).spool);
        const known = [...delivered, ...left];
        for (const each of kept) expect(known).toContain(each);
        for (const each of ticked) expect(left).not.toContain(each);
        expect(left).toEqual(left.toSorted());
      }
    }
    expect(killed).toBeGreaterThan(60);
  });

  it('knows a report that is told twice, waiting or delivered, also after a restart', () => {
    const file = mortalJournal();
    const { spool } = open(file);
    spool.add(death(1));
    expect(spool.add(death(1))).toBe('known');
    expect(drain(spool)).toEqual([uuid(1)]);
    expect(spool.add(death(1))).toBe('known');
    expect(open(mortalJournal(file.text)).spool.add(death(1))).toBe('known');
    expect(spool.add({ ...death(1), generated_time: '2026-01-01T00:00:01.000000' })).toBe('kept');
  });

  it('keeps in memory what a full disk does not take, gives it all the same, and writes it when there is room', async () => {
    const file = mortalJournal();
    let isFull = true;
    const full: JournalFile = {
      ...file,
      append(text) {
        if (isFull) throw new LifeboatError('SPOOL_UNUSABLE', 'the spool cannot be used: ENOSPC');
        file.append(text);
      },
    };
    const { spool, clock, logger } = open(full);
    expect(spool.add(death(1))).toBe('memory');
    expect(spool.add(death(2))).toBe('memory');
    expect(spool.trouble).toContain('ENOSPC');
    expect(spool.next()?.notification).toEqual(death(1));
    expect(logger.lines.filter((line) => line.startsWith('error:'))).toHaveLength(1);
    isFull = false;
    await clock.advance(5_000);
    expect(spool.trouble).toBeUndefined();
    expect(drain(open(mortalJournal(file.text)).spool)).toEqual([uuid(1), uuid(2)]);
  });

  it('drops the oldest that only tells of something when it is full, and says so once', () => {
    const { spool, logger } = open(mortalJournal(), 3);
    for (const told of [death(1), shutdown(2), shutdown(3)]) spool.add(told);
    expect(spool.add(death(4))).toBe('kept');
    expect(spool.add(death(5))).toBe('kept');
    expect(spool.add(shutdown(6))).toBe('dropped');
    expect(spool.dropped).toBe(3);
    expect(logger.lines.filter((line) => line.startsWith('error: 3 reports wait'))).toHaveLength(1);
    expect(drain(spool)).toEqual([uuid(1), uuid(4), uuid(5)]);
  });

  it('never drops what the engine would act upon', () => {
    const { spool } = open(mortalJournal(), 3);
    for (let n = 0; n < 10; n += 1) expect(spool.add(death(n))).toBe('kept');
    expect(drain(spool)).toHaveLength(10);
  });

  it('writes its file anew before what is over fills it', () => {
    const file = mortalJournal();
    const { spool } = open(file);
    spool.add(death(0));
    let largest = 0;
    for (let n = 1; n <= 20_000; n += 1) {
      spool.add(death(n));
      spool.told(spool.next()?.id ?? '');
      largest = Math.max(largest, file.text.length);
    }
    expect(largest).toBeLessThan(2_000_000);
    expect(drain(open(mortalJournal(file.text)).spool)).toEqual([uuid(20_000)]);
  });

  it('keeps what was put aside with its reason, until it is sent again or forgotten', () => {
    const file = mortalJournal();
    const { spool } = open(file);
    for (const n of [1, 2]) spool.add(death(n));
    spool.putAside(spool.next()?.id ?? '', 'it is refused');
    const next = open(mortalJournal(file.text)).spool;
    expect(next.aside.map(({ reason }) => reason)).toEqual(['it is refused']);
    expect(next.waiting).toBe(1);
    expect(next.sendAgain()).toBe(1);
    expect(drain(next)).toEqual([uuid(2), uuid(1)]);
    spool.sendAgain();
    spool.putAside(spool.next()?.id ?? '', 'it is refused');
    expect(spool.forget()).toBe(1);
    expect(open(mortalJournal(file.text)).spool.aside).toEqual([]);
  });

  it('says how many lines are damaged, and goes on with the others', () => {
    const file = mortalJournal();
    const { spool } = open(file);
    for (const n of [1, 2, 3]) spool.add(death(n));
    const { logger, spool: next } = open(mortalJournal(file.text.replace(uuid(2), uuid(7))));
    expect(logger.lines).toContainEqual(expect.stringMatching(/^error: 1 lines of the spool are damaged/));
    expect(drain(next)).toEqual([uuid(1), uuid(3)]);
  });

  it('keeps the order of what was told when the clock goes back', () => {
    const clock = virtualClock();
    const file = mortalJournal();
    const { spool } = open(file, 1_000, clock);
    spool.add(death(1));
    clock.jump(-3_600_000);
    spool.add(death(2));
    expect(drain(open(mortalJournal(file.text)).spool)).toEqual([uuid(1), uuid(2)]);
  });
});
