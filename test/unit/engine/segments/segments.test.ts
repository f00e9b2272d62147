import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configFromText } from '../../../../src/config/load.ts';
import { systemRandomness } from '../../../../src/edge/randomness.ts';
import type { Move } from '../../../../src/engine/move.ts';
import { declareSegments } from '../../../../src/engine/segments/declare.ts';
import { afterFailure, withoutReserved } from '../../../../src/engine/segments/next-way.ts';
import type { Segment } from '../../../../src/engine/segments/segment.ts';
import { Segments } from '../../../../src/engine/segments/segments.ts';
import { openSqliteStore } from '../../../../src/engine/store/sqlite-store.ts';
import type { Store } from '../../../../src/engine/store/store.ts';
import { recordingLogger, type RecordingLogger } from '../../../support/recording-logger.ts';

const FILE = `recovery:
  segments:
    - name: rack-a
      recovery_method: auto_priority
      description: the first rack
      hosts:
        - cmp1
        - { name: cmp8, reserved: true, on_maintenance: true }
        - { name: cmp9, reserved: true }
    - { name: lab, enabled: false, hosts: [cmp3] }
`;

const declared = (text: string): Parameters<typeof declareSegments>[0] =>
  configFromText(text, 'lifeboat.yaml').recovery.segments;

let directory: string;
let store: Store;
let logger: RecordingLogger;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lifeboat-segments-'));
  logger = recordingLogger();
  store = await openSqliteStore(join(directory, 'lifeboat.db'), logger);
  await store.takeLease({ holder: 'ctl1 test', durationMs: 60_000 });
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

const declare = (text: string): Promise<readonly Segment[]> =>
  declareSegments(declared(text), { logger, randomness: systemRandomness, store });

describe('what lifeboat.yaml says of segments', () => {
  it('is in the store afterwards, with ids that stay', async () => {
    const first = await declare(FILE);
    expect(await store.segments()).toEqual(first);
    expect(first[0]).toMatchObject({
      name: 'rack-a',
      recoveryMethod: 'auto_priority',
      description: 'the first rack',
      serviceType: 'COMPUTE',
      enabled: true,
      declared: true,
    });
    expect(first[0]?.hosts[0]).toMatchObject({
      name: 'cmp1',
      type: 'COMPUTE',
      controlAttributes: 'SSH',
      reserved: false,
    });
    const again = await declare(FILE);
    expect(again).toEqual(first);
    expect(logger.lines).toEqual(['info: 2 segments: rack-a, lab']);
    const moved = await declare('recovery: { segments: [{ name: rack-b, hosts: [cmp1] }] }');
    expect(moved[0]?.hosts[0]?.uuid).toBe(first[0]?.hosts[0]?.uuid);
    expect(moved.map(({ name }) => name)).toEqual(['rack-b']);
  });

  it('wins over what somebody else put there, and leaves the rest of it alone', async () => {
    const host = { type: 'COMPUTE', controlAttributes: 'SSH', reserved: false, onMaintenance: false };
    const byApi: Segment = {
      name: 'by-api',
      description: undefined,
      serviceType: 'COMPUTE',
      recoveryMethod: 'auto',
      enabled: true,
      hosts: ['cmp1', 'cmp5'].map((name) => ({ ...host, name, uuid: `uuid-${name}` })),
      uuid: 'uuid-by-api',
      declared: false,
    };
    await store.replaceSegments([byApi]);
    const all = await declare('recovery: { segments: [{ name: rack-a, hosts: [cmp1] }] }');
    expect(all.map(({ name, hosts }) => `${name}: ${hosts.map((each) => each.name).join(' ')}`)).toEqual([
      'rack-a: cmp1',
      'by-api: cmp5',
    ]);
    expect((await declare('')).map(({ name }) => name)).toEqual(['by-api']);
  });

  it.each([
    [
      'a host in two segments',
      'recovery: { segments: [{ name: a, hosts: [x] }, { name: b, hosts: [X] }] }',
      'each host once',
    ],
    ['two segments of one name', 'recovery: { segments: [{ name: a }, { name: a }] }', 'each segment once; a is there'],
    ['an unknown method', 'recovery: { segments: [{ name: a, recovery_method: magic }] }', 'a list of segments'],
    ['an unknown key', 'recovery: { segments: [{ name: a, colour: blue }] }', 'colour'],
    [
      'a host without a name',
      'recovery: { segments: [{ name: a, hosts: [{ reserved: true }] }] }',
      'a list of segments',
    ],
    ['a segment without a name', 'recovery: { segments: [{ hosts: [x] }] }', 'a list of segments'],
  ])('is refused when it has %s', (_what, text, words) => {
    expect(() => configFromText(text, 'l.yaml')).toThrow(words);
  });
});

describe('segments', () => {
  it('know the method and the reserved hosts of each host, in the order of the file', async () => {
    const segments = new Segments(await declare(FILE.replace(', on_maintenance: true', '')));
    expect(segments.waysOf('cmp1')).toEqual(['scheduler', 'reserved']);
    expect(segments.reservedFor('CMP1')).toEqual(['cmp8', 'cmp9']);
    expect(segments.reservedFor('cmp8'), 'a reserved host that fails itself').toEqual(['cmp9']);
    expect(segments.waysOf('cmp77'), 'a host of no segment').toEqual(['scheduler']);
    expect(segments.reservedFor('cmp77')).toEqual([]);
    expect(segments.leftAlone('cmp77')).toBeUndefined();
  });

  it('leave failures of a disabled segment and of a host on maintenance alone, and take no such host (S8)', async () => {
    const segments = new Segments(await declare(FILE));
    expect(segments.reservedFor('cmp1')).toEqual(['cmp9']);
    expect(segments.leftAlone('cmp1')).toBeUndefined();
    expect(segments.leftAlone('cmp3')?.kind).toBe('segment-disabled');
    expect(segments.disabledOf('cmp3')?.kind).toBe('segment-disabled');
    expect(segments.leftAlone('cmp8')?.kind).toBe('host-on-maintenance');
    expect(segments.disabledOf('cmp8'), 'a recovery that is at work goes on').toBeUndefined();
  });
});

describe('what follows a failed attempt', () => {
  const before = { state: 'accepted', failures: 0, way: undefined } as unknown as Move;
  const retry = {
    ...before,
    state: 'waiting',
    failures: 1,
    reason: 'evacuation to cmp2 ended in error: disk',
    sentAtMs: 7,
  } as Move;
  const hopeless = { ...retry, reason: 'evacuation ended in error: No valid host was found.' } as Move;
  const unfit = { ...retry, reason: 'evacuation to cmp3 ended in error: No valid host was found.' } as Move;
  const failed = { ...retry, state: 'failed', failures: 3 } as Move;

  it('is what the limits say, where the method has one way only', () => {
    for (const each of [retry, hopeless, failed]) expect(afterFailure(before, each, ['scheduler'])).toBe(each);
  });

  it('is the next way as soon as Nova finds no host, and else when the attempts are used up', () => {
    const ways = ['scheduler', 'reserved'] as const;
    expect(afterFailure(before, retry, ways)).toBe(retry);
    expect(afterFailure(before, unfit, ways), 'only the host that was named is unfit').toBe(unfit);
    for (const each of [hopeless, failed]) {
      expect(afterFailure(before, each, ways)).toMatchObject({
        state: 'waiting',
        failures: 0,
        sentAtMs: undefined,
        way: { stage: 1, tried: [] },
      });
    }
  });

  it('is the next reserved host, and no failure of the move', () => {
    const onSpare = { ...before, way: { stage: 0, target: 'spare1', tried: [] } } as Move;
    const next = afterFailure(onSpare, { ...failed, way: onSpare.way }, ['reserved']);
    expect(next).toMatchObject({ state: 'waiting', failures: 0, way: { target: undefined, tried: ['spare1'] } });
  });

  it('is the end when no reserved host is left and the attempts are used up', () => {
    const waiting = { ...before, state: 'waiting', way: { stage: 0, target: undefined, tried: ['spare1'] } } as Move;
    const once = withoutReserved(waiting, 'spare1 could not start it', ['reserved'], 2);
    expect(once).toMatchObject({ state: 'waiting', failures: 1, way: { stage: 0, tried: [] } });
    const twice = withoutReserved(once, 'spare1 is full', ['reserved'], 2);
    expect(twice).toMatchObject({ state: 'failed', reason: 'no reserved host: spare1 is full' });
    const onward = withoutReserved(waiting, 'spare1 is full', ['reserved', 'scheduler'], 2);
    expect(onward).toMatchObject({ state: 'waiting', failures: 0, way: { stage: 1 } });
  });
});
