import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import type { ContractStage } from '../stage.ts';
import { openWire } from './exchange.ts';
import type { WireAnswer } from './exchange.ts';
import { KEYSTONE, LOST, MOVED, QUIET } from './requests.ts';
import type { WireRequest } from './requests.ts';
import { differences } from './shape.ts';

type Answers = Readonly<Record<string, WireAnswer>>;

const RECORDED = new URL('recorded.json', import.meta.url);

/**
 * Below the client: each request is sent as it stands, and the answer must have the recorded status, headers, envelope,
 * keys and types, words and number of rows. The recording is a real Nova's; `record` writes it anew.
 */
export function wireContract(name: string, makeStage: () => Promise<ContractStage>, record = false): void {
  describe(`the wire contract: ${name}`, () => {
    let stage: ContractStage;
    let found: Answers = {};
    const recorded = record ? undefined : (JSON.parse(readFileSync(RECORDED, 'utf8')) as Answers);

    beforeAll(async () => {
      stage = await makeStage();
      found = await collect(stage);
      if (record) writeFileSync(RECORDED, await format(JSON.stringify(found), { parser: 'json', printWidth: 120 }));
    }, 900_000);
    afterAll(() => stage.dispose());

    it.each([...KEYSTONE, ...QUIET, ...LOST, ...MOVED].map((request) => [request.name, request] as const))(
      '%s',
      (_, request: WireRequest) => {
        const expected = recorded === undefined ? found[request.name] : recorded[request.name];
        if (expected === undefined) throw new Error('there is no recording of it: npm run test:contract -- --record');
        expect(compare(expected, found[request.name])).toEqual([]);
      },
    );
  });
}

/** Every request in its scene, one after another. */
export async function collect(stage: ContractStage): Promise<Answers> {
  const answers: Record<string, WireAnswer> = {};
  const [source] = stage.hosts;
  const service = (await stage.cloud.computeServices()).find(({ host }) => host === source);
  const wishes = {
    oldest: {},
    active: {},
    stopped: { state: 'stopped' },
    paused: { state: 'paused' },
    error: { state: 'error' },
    locked: { locked: true },
    members: { project: 'other' },
    moving: { metadata: { key: 'value' }, tags: ['tag'] },
  } as const;
  const provider = [...(await stage.cloud.providers())].find(([, host]) => host === source)?.[0] ?? '';
  const instances: Record<string, string> = { service: service?.id ?? '', provider };
  // One after another, so that a list has the same order everywhere; Nova's clock has whole seconds.
  instances.oldest = await stage.boot(source, wishes.oldest);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const booted = Object.entries(wishes).filter(([wish]) => wish !== 'oldest' && wish !== 'moving');
  await Promise.all(
    booted.map(async ([wish, wanted]) => {
      instances[wish] = await stage.boot(source, wanted);
    }),
  );
  instances.moving = await stage.boot(source, wishes.moving);
  const wire = await openWire(stage, instances);
  const sendAll = async (requests: readonly WireRequest[]): Promise<void> => {
    for (const request of requests) answers[request.name] = await wire.send(request);
  };
  await sendAll(KEYSTONE);
  await sendAll(QUIET);
  await sendAll(LOST);
  const done = async (): Promise<boolean> =>
    (await stage.cloud.evacuationsFrom(source)).some(({ status }) => status === 'done');
  await eventually('the evacuation done', done, { withinMs: stage.patienceMs, everyMs: 50 });
  await sendAll(MOVED);
  return answers;
}

/** Every difference in words; none when the answers are alike. */
export function compare(expected: WireAnswer, found: WireAnswer | undefined): readonly string[] {
  if (found === undefined) return ['it was not sent'];
  const plain = (['status', 'type', 'words', 'rows'] as const)
    .filter((key) => expected[key] !== found[key])
    .map((key) => `${key}: ${JSON.stringify(expected[key])} recorded, ${JSON.stringify(found[key])} found`);
  const [more, less] = [found.headers, expected.headers].map((one, index) =>
    one.filter((header) => !(index === 0 ? expected : found).headers.includes(header)),
  );
  const headers = [
    ...(more ?? []).map((header) => `header ${header}: not in the recording`),
    ...(less ?? []).map((header) => `header ${header}: missing`),
  ];
  return [...plain, ...headers, ...differences(expected.shape, found.shape)];
}
