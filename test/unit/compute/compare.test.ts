import { describe, expect, it } from 'vitest';
import { afterEvent, compare } from '../../../src/compute/guests/compare.ts';
import type { SeenDomain } from '../../../src/compute/guests/compare.ts';
import type { KnownGuest, KnownGuests } from '../../../src/compute/guests/guest.ts';
import type { Condition } from '../../../src/compute/libvirt/domain.ts';

const known = (...guests: readonly KnownGuest[]): KnownGuests => new Map(guests.map((guest) => [guest.uuid, guest]));
const guest = (uuid: string, condition: KnownGuest['condition'] = 'runs'): KnownGuest => ({
  uuid,
  name: uuid,
  condition,
});
const seen = (uuid: string, condition: Condition, reason = 0): SeenDomain => ({
  domain: { name: uuid, uuid, id: condition === 'off' ? -1 : 1 },
  state: { condition, reason },
});
const NOBODY: ReadonlySet<string> = new Set();

describe('what has happened while nobody told us', () => {
  const findings = (
    before: KnownGuests,
    now: readonly SeenDomain[],
    touched: ReadonlySet<string> = NOBODY,
  ): readonly string[] =>
    compare(before, now, touched).findings.map(({ guest: { uuid }, detail }) => `${uuid} ${detail}`);

  it('is nothing when the same guests run', () => {
    expect(findings(known(guest('a')), [seen('a', 'running'), seen('b', 'off', 3)])).toEqual([]);
  });

  it.each([
    ['crashed, which is what libvirt calls a QEMU that was killed', 3, 'STOPPED_FAILED'],
    ['failed', 6, 'STOPPED_FAILED'],
    ['nothing, because libvirtd was not there itself', 0, 'STOPPED_FAILED'],
    ['taken down by the daemon', 8, 'STOPPED_FAILED'],
    ['a reason that is newer than this', 99, 'STOPPED_FAILED'],
    ['shut down', 1, 'STOPPED_SHUTDOWN'],
    ['destroyed', 2, 'STOPPED_DESTROYED'],
    ['migrated', 4, 'STOPPED_MIGRATED'],
    ['saved', 5, 'STOPPED_SAVED'],
  ])('is the end of a guest that is off, with its reason: %s', (_, reason, detail) => {
    expect(findings(known(guest('a')), [seen('a', 'off', reason)])).toEqual([`a ${detail}`]);
  });

  it('is the failure of a guest that is gone altogether', () => {
    expect(findings(known(guest('a'), guest('b')), [seen('b', 'running')])).toEqual(['a STOPPED_FAILED']);
  });

  it('is not concluded of a guest of which an event came while the list was made: that is newer', () => {
    const { findings: found, known: after } = compare(known(guest('a')), [seen('b', 'off', 3)], new Set(['a', 'b']));
    expect(found).toEqual([]);
    expect([...after.keys()]).toEqual(['a']);
  });

  it('is a standstill that nobody asked for, once', () => {
    const now = [seen('a', 'paused', 5), seen('b', 'crashed'), seen('c', 'paused', 1)];
    const { findings: found, known: after } = compare(known(guest('a'), guest('b'), guest('c')), now, NOBODY);
    expect(found.map(({ guest: { uuid }, detail }) => `${uuid} ${detail}`)).toEqual([
      'a SUSPENDED_IOERROR',
      'b CRASHED_PANICKED',
    ]);
    expect(compare(after, now, NOBODY).findings).toEqual([]);
  });

  it('leaves known what runs, stands still or sleeps, and nothing else', () => {
    const now = [
      seen('a', 'running'),
      seen('b', 'paused', 1),
      seen('c', 'suspended by its guest'),
      seen('d', 'off', 1),
    ];
    expect([...compare(known(guest('d')), now, NOBODY).known.keys()]).toEqual(['a', 'b', 'c']);
  });
});

describe('what an event makes of the known guests', () => {
  const domain = { name: 'a', uuid: 'a', id: 1 };

  it.each([
    ['STARTED_BOOTED', 'runs'],
    ['RESUMED_UNPAUSED', 'runs'],
    ['SUSPENDED_PAUSED', 'runs'],
    ['SUSPENDED_IOERROR', 'SUSPENDED_IOERROR'],
    ['CRASHED_PANICKED', 'CRASHED_PANICKED'],
    ['STOPPED_FAILED', undefined],
    ['STOPPED_MIGRATED', undefined],
    ['DEFINED_UPDATED', 'runs'],
    ['SHUTDOWN_GUEST', 'runs'],
  ])('%s: %s', (detail, condition) => {
    expect(afterEvent(known(guest('a')), domain, detail).get('a')?.condition).toBe(condition);
  });
});
