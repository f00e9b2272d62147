import { describe, expect, it } from 'vitest';
import { readRemembered, rememberedText } from '../../../../src/compute/processes/memory.ts';
import { NEW_LIFE } from '../../../../src/compute/processes/life.ts';
import {
  checkSettings,
  USUAL_PROCESS_SETTINGS,
  type ProcessSettings,
} from '../../../../src/compute/processes/settings.ts';
import { USUAL_PROCESS_LIMITS } from '../../../../src/engine/processes/process-limits.ts';

const COMMAND = { name: 'a', command: ['true'], everyMs: 1, deadlineMs: 1, threshold: 1 };

describe('which processes are watched', () => {
  it('is fit for use when nothing is configured', () => {
    expect(() => checkSettings(USUAL_PROCESS_SETTINGS)).not.toThrow();
  });

  it('has by default every process for which the engine disables a compute service', () => {
    const names = USUAL_PROCESS_SETTINGS.units.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([...USUAL_PROCESS_LIMITS.processes]));
  });

  it.each<[string, Partial<ProcessSettings>]>([
    ['nova-compute is watched twice', { commands: [{ ...COMMAND, name: 'nova-compute' }] }],
    ['"nova-compute.socket", and only services', { units: [{ name: 'x', units: ['nova-compute.socket'] }] }],
    ['"nova compute.service"', { units: [{ name: 'x', units: ['nova compute.service'] }] }],
    ['"nova@.service"', { units: [{ name: 'x', units: ['nova@.service'] }] }],
    ['x has no unit', { units: [{ name: 'x', units: [] }] }],
    ['a has an empty health command', { commands: [{ ...COMMAND, command: [] }] }],
    ['cannot be reported', { commands: [{ ...COMMAND, name: 'x'.repeat(256) }] }],
  ])('is refused when %s', (words, wrong) => {
    expect(() => checkSettings({ ...USUAL_PROCESS_SETTINGS, ...wrong })).toThrow(
      expect.objectContaining({ code: 'PROCESSES_INVALID', message: expect.stringContaining(words) as unknown }),
    );
  });
});

describe('what is remembered of processes', () => {
  it('is read as it was written, without those of which there is nothing to remember', () => {
    const failed = { ...NEW_LIFE, told: 'STOPPED' as const, restartsAtMs: [5] };
    const text = rememberedText(
      new Map([
        ['well', NEW_LIFE],
        ['failed', { ...failed, downSinceMs: 7 }],
      ]),
    );
    expect(readRemembered(text)).toEqual(new Map([['failed', failed]]));
  });

  it('keeps when one was restarted, though it runs again', () => {
    const back = { ...NEW_LIFE, restartsAtMs: [5, 7] };
    expect(readRemembered(rememberedText(new Map([['back', back]])))).toEqual(new Map([['back', back]]));
  });

  it.each([
    '',
    'null',
    '[]',
    '{"version":2,"processes":[]}',
    '{"version":1}',
    '{"version":1,"processes":[{"name":7,"told":"STOPPED","restartsAtMs":[]}]}',
    '{"version":1,"processes":[{"name":"a","told":"PERHAPS","restartsAtMs":[]}]}',
    '{"version":1,"processes":[null]}',
  ])('is unusable, and no more than that, as %j', (text) => {
    expect(readRemembered(text)).toBeUndefined();
  });
});
