import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeStatus } from '../../../src/cli/status.ts';
import { healthOf } from '../../support/health.ts';
import { badNight, NOW_MS } from '../../support/status.ts';

function expectGolden(name: string, text: string): void {
  const path = join(import.meta.dirname, 'golden', name);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, 'utf8'));
}

describe('lifeboat status', () => {
  it('shows in a bad night first what waits for a human and what to do, then the rest', () => {
    const text = describeStatus(badNight(), NOW_MS);
    expectGolden('bad-night.txt', text);
    const order = ['do: make sure', 'cmp3', 'No valid host', 'evacuating', 'Up: 2 of 5'].map((part) =>
      text.indexOf(part),
    );
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order[0]).toBeGreaterThan(0);
  });

  it('counts hosts that are fine and does not list them', () => {
    expect(describeStatus(badNight(), NOW_MS)).not.toContain('cmp4');
  });

  it('is two lines when all is well', () => {
    const hosts = badNight().hosts.filter(({ state }) => state === 'up');
    expect(describeStatus({ ...healthOf(), hosts, recoveries: [] }, NOW_MS)).toBe(
      'lifeboat 0.1.0 on ctl1: active, 0 recovering, 0 held (cluster seen 1s ago, cloud ok)\n\nUp: 2 of 2 hosts.\n',
    );
  });

  it('shows what monitors have reported of instances and processes, and nothing of it when there is none', () => {
    const report = {
      host: 'cmp2',
      subject: 'nova-compute',
      state: 'failed',
      reason: 'do: this',
      sinceMs: NOW_MS,
    } as const;
    const text = describeStatus({ ...badNight(), reports: [report] }, NOW_MS);
    expect(text).toMatch(/REPORTED by monitors.*\n {2}cmp2 +nova-compute +failed .*do: this/);
    expect(describeStatus(badNight(), NOW_MS)).not.toContain('REPORTED');
  });

  it('says at the top what a cloud that does not answer means', () => {
    const text = describeStatus({ ...badNight(), cloud: 'unavailable' }, NOW_MS);
    expect(text.split('\n')[1]).toContain('nothing can be evacuated');
    expect(describeStatus(badNight(), NOW_MS)).not.toContain('nothing can be evacuated');
  });

  it('says so while the cluster has not been read yet', () => {
    const status = {
      ...healthOf({ state: 'starting', snapshotAgeMs: undefined, cloud: 'unknown' }),
      hosts: [],
      recoveries: [],
    };
    expect(describeStatus(status, NOW_MS)).toContain('The cluster has not been read yet.');
  });
});
