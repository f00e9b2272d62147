import { describe, expect, it } from 'vitest';
import { median, percentile } from '../../bench/percentile.ts';
import { cpuTicks, megabytes, percentOfCore } from '../../bench/process-cost.ts';

describe('figures of a benchmark', () => {
  it('takes the middle of an odd number of values, in whatever order they came', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it('takes the mean of the two in the middle of an even number', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('has the 95th percentile of 20 values at the second largest, which was really measured', () => {
    const values = Array.from({ length: 20 }, (_, index) => (index + 1) * 10);
    expect(percentile(values, 95)).toBe(190);
  });

  it('has the 95th percentile of a few values at the largest', () => {
    expect(percentile([30, 10, 20], 95)).toBe(30);
    expect(percentile([7], 95)).toBe(7);
  });

  it('has no figure of no values', () => {
    expect(median([])).toBeNaN();
    expect(percentile([], 95)).toBeNaN();
  });
});

describe('the cost of a process', () => {
  it('is read from /proc/PID/stat, also when the name holds blanks and parentheses', () => {
    const stat = '77 (node (x) y) S 1 77 77 0 -1 4194560 1 2 3 4 150 50 700 100 20 0 11 0 12345';
    expect(cpuTicks(stat)).toEqual({ own: 200, children: 800 });
  });

  it('is percent of one core over the time', () => {
    expect(percentOfCore(100, 160, 60)).toBe(1);
  });

  it('has its memory in MB', () => {
    expect(megabytes('VmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\n', 'VmRSS')).toBe(100);
    expect(megabytes('nothing', 'VmRSS')).toBeNaN();
  });
});
