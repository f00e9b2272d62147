import { describe, expect, it } from 'vitest';
import { nameOf } from '../../../src/compute/guests/event-names.ts';
import { EVENT_TABLE, isReported } from '../../../src/compute/guests/event-table.ts';
import { GuestReports } from '../../../src/compute/guests/reports.ts';
import { answerTo, RECOVERED } from '../../../src/engine/instances/events.ts';

const GUEST = '0b988f18-6559-429e-90e7-f204575a208b';
const DOMAIN = { name: 'a', uuid: GUEST, id: 3 };

describe('the table of events', () => {
  it('agrees with the engine on what is acted upon', () => {
    const ours = Object.keys(EVENT_TABLE).filter((name) => EVENT_TABLE[name]?.answer === 'recover');
    expect(ours.toSorted()).toEqual(Object.keys(RECOVERED).toSorted());
    for (const [name, { answer }] of Object.entries(EVENT_TABLE)) {
      const [event = '', detail = ''] = name.split('/');
      expect(answerTo(event, detail), name).toBe(answer);
    }
  });

  it('is changed by the rules of a host, event by event', () => {
    const reboot = { event: 'REBOOT', detail: 'UNKNOWN' };
    const resumed = { event: 'LIFECYCLE', detail: 'RESUMED_UNPAUSED' };
    expect([isReported(reboot), isReported(resumed)]).toEqual([true, false]);
    const rules = { 'REBOOT/UNKNOWN': 'ignore', 'LIFECYCLE/RESUMED_UNPAUSED': 'report' } as const;
    expect([isReported(reboot, rules), isReported(resumed, rules)]).toEqual([false, true]);
    expect(isReported({ event: 'constructor', detail: 'x' }, rules)).toBe(false);
  });

  it('has a name for every event, also of a libvirt that is newer than this', () => {
    const lifecycle = (event: number, detail: number): string =>
      nameOf({ source: 'lifecycle', domain: DOMAIN, event, detail }).detail;
    expect(lifecycle(5, 5)).toBe('STOPPED_FAILED');
    expect(lifecycle(8, 0)).toBe('CRASHED_PANICKED');
    expect(lifecycle(5, 99)).toBe('STOPPED_99');
    expect(lifecycle(99, 1)).toBe('EVENT99_1');
    expect(nameOf({ source: 'ioError', domain: DOMAIN, disk: 'vda', action: 2 }).detail).toBe('IO_ERROR_REPORT');
    expect(nameOf({ source: 'watchdog', domain: DOMAIN, action: 42 }).detail).toBe('WATCHDOG_42');
  });
});

describe('the reports', () => {
  const FAILED = { event: 'LIFECYCLE', detail: 'STOPPED_FAILED' };
  const reporter = (): ((name: { event: string; detail: string }, atMs: number, uuid?: string) => boolean) => {
    const reports = new GuestReports('compute-1');
    return (name, atMs, uuid = GUEST) => reports.report({ uuid, name, atMs }) !== undefined;
  };
  const lifecycle = (detail: string): { event: string; detail: string } => ({ event: 'LIFECYCLE', detail });

  it('say it in the words of Masakari’s API', () => {
    const report = new GuestReports('compute-1').report({
      uuid: GUEST,
      name: FAILED,
      atMs: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
    });
    expect(report).toEqual({
      type: 'VM',
      hostname: 'compute-1',
      generated_time: '2026-01-02T03:04:05.006',
      payload: { event: 'LIFECYCLE', instance_uuid: GUEST, vir_domain_event: 'STOPPED_FAILED' },
    });
  });

  it('tell once in a minute what libvirt tells a thousand times, and each guest for itself', () => {
    const tell = reporter();
    const error = { event: 'IO_ERROR', detail: 'IO_ERROR_REPORT' };
    const told = Array.from({ length: 1_000 }, (_, index) => tell(error, index)).filter(Boolean);
    expect(told).toHaveLength(1);
    expect(tell(error, 1_000, 'another')).toBe(true);
    expect(tell(error, 59_999)).toBe(false);
    expect(tell(error, 60_000)).toBe(true);
  });

  it('tell again when the clock was set back', () => {
    const tell = reporter();
    const error = { event: 'IO_ERROR', detail: 'IO_ERROR_REPORT' };
    expect([tell(error, 3_600_000), tell(error, 10)]).toEqual([true, true]);
  });

  it('tell a second death when a start was seen between', () => {
    const tell = reporter();
    expect([tell(FAILED, 0), tell(lifecycle('STARTED_BOOTED'), 10), tell(FAILED, 20)]).toEqual([true, false, true]);
  });

  it('tell a second death when libvirt was out of sight between', () => {
    const reports = new GuestReports('compute-1');
    const tell = (atMs: number): boolean => reports.report({ uuid: GUEST, name: FAILED, atMs }) !== undefined;
    expect([tell(0), tell(1)]).toEqual([true, false]);
    reports.outOfSight();
    expect(tell(2)).toBe(true);
  });

  it('tell a panic and the end that follows it once, and a panic after a reset again', () => {
    const tell = reporter();
    expect([tell(lifecycle('CRASHED_PANICKED'), 0), tell(lifecycle('STOPPED_CRASHED'), 1_200)]).toEqual([true, false]);
    expect([tell(lifecycle('RESUMED_UNPAUSED'), 2_000), tell(lifecycle('CRASHED_PANICKED'), 2_100)]).toEqual([
      false,
      true,
    ]);
    expect(tell(lifecycle('STOPPED_CRASHED'), 100, 'another')).toBe(true);
  });
});
