import { describe, expect, it } from 'vitest';
import { concernsOf, summaryOf, type MonitorFacts } from '../../../src/monitor/status.ts';
import { statusText } from '../../../src/monitor/cli/show-status.ts';

const AT = Date.UTC(2026, 0, 1, 2, 14);
const WELL: MonitorFacts = {
  watches: [
    { name: 'guests', kind: 'watching', sentence: '12 guests are watched', sinceMs: AT },
    { name: 'processes', kind: 'watching', sentence: '4 processes run', sinceMs: AT },
  ],
  delivery: { kind: 'well' },
  waiting: 0,
  aside: [],
  dropped: 0,
};
const BLIND: MonitorFacts = {
  ...WELL,
  watches: [
    ...WELL.watches.slice(1),
    { name: 'guests', kind: 'blind', sentence: 'libvirt does not answer; systemctl status libvirtd', sinceMs: AT },
  ],
};

describe('what the monitor says of itself', () => {
  it('is one line for crm_mon: what is watched, and what waits', () => {
    expect(summaryOf(WELL)).toBe('12 guests are watched, 4 processes run; 0 waiting');
    expect(concernsOf(WELL, AT)).toEqual([]);
  });

  it('names what it does not see, and since when, before all else', () => {
    expect(summaryOf({ ...BLIND, waiting: 3 })).toBe('blind: libvirt does not answer, since 02:14Z; 3 waiting');
    expect(concernsOf(BLIND, AT)).toEqual(['blind: libvirt does not answer, since 02:14Z']);
  });

  it('is no concern while an engine moves, and is one a minute later', () => {
    const facts: MonitorFacts = {
      ...WELL,
      waiting: 2,
      delivery: { kind: 'trouble', said: 'ECONNREFUSED', remedy: 'see crm_mon', sinceMs: AT },
    };
    expect(concernsOf(facts, AT + 59_000)).toEqual([]);
    expect(concernsOf(facts, AT + 60_000)).toEqual(['2 reports wait since 02:14Z: ECONNREFUSED; see crm_mon']);
  });

  it('tells of a full disk, of what was not taken, of what was dropped, and of nothing to watch', () => {
    const facts: MonitorFacts = {
      ...WELL,
      watches: [],
      aside: [{ id: 'a', what: 'x of instance y', reason: 'no uuid', atMs: AT }],
      dropped: 7,
      spoolTrouble: 'the spool cannot be used: ENOSPC',
    };
    expect(concernsOf(facts, AT)).toEqual([
      'it watches nothing: see monitor.yaml',
      'the spool cannot be used: ENOSPC; make room',
      '1 reports were not taken; see: lifeboat-monitor status',
      '7 reports were dropped for want of room',
    ]);
  });

  it('is a page for an operator, with what to do', () => {
    const aside = [{ id: 'a', what: 'x of instance y', reason: 'no uuid', atMs: AT }];
    const facts = { ...BLIND, aside };
    const text = statusText({
      ...facts,
      ...{
        version: '1',
        pid: 1,
        host: 'cmp1',
        startedAtMs: AT,
        summary: summaryOf(facts),
        concerns: concernsOf(facts, AT),
      },
    });
    expect(text).toContain('cmp1: blind: libvirt does not answer, since 02:14Z; 0 waiting (lifeboat-monitor 1)\n');
    expect(text).toContain(
      'guests: blind since 2026-01-01T02:14:00Z: libvirt does not answer; systemctl status libvirtd',
    );
    expect(text).toContain('not taken, 2026-01-01T02:14:00Z: x of instance y: no uuid\n  do: lifeboat-monitor retry');
  });
});
