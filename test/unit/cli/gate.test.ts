import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseCommand } from '../../../src/cli/command.ts';
import { run } from '../../../src/cli/run.ts';
import { recoveryMark } from '../../../src/engine/mark.ts';
import { startEmulator, type Emulator } from '../../emulator/index.ts';
import { eventually } from '../../support/eventually.ts';
import { proofOf } from '../engine/bench.ts';

const NOBODY = 'http://127.0.0.1:1';

interface StubEngine {
  readonly url: string;
  readonly asked: string[];
  say(status: number, body: unknown): void;
}

/** An engine that answers as it is told to; without a word it takes the question and says nothing. */
async function stubEngine(): Promise<StubEngine> {
  let answer: { readonly status: number; readonly body: unknown } | undefined;
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (answer === undefined) return;
    response.writeHead(answer.status, { location: '/elsewhere' });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    say: (status, body) => (answer = { status, body }),
  };
}

function configFile(gate: string, more = ''): string {
  const directory = mkdtempSync(join(tmpdir(), 'lifeboat-gate-'));
  onTestFinished(() => {
    rmSync(directory, { recursive: true });
  });
  const file = join(directory, 'lifeboat.yaml');
  writeFileSync(file, `gate: { host: cmp1, poll_interval: 500ms, request_timeout: 2s, ${gate} }\n${more}`);
  return file;
}

function typing(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const texts = { out: '', error: '' };
  const code = run(words, {
    environment,
    nowMs: 0,
    out: (text) => (texts.out += text),
    error: (text) => (texts.error += text),
  });
  return { code, texts };
}

async function typed(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { code, texts } = typing(words, environment);
  const exit = await code;
  return { ...texts, code: exit };
}

const engines = (...urls: readonly string[]): string => `engines: [${urls.map((url) => `'${url}'`).join(', ')}]`;

describe('lifeboat gate, with an engine', () => {
  it.each([
    [{ gate: 'open', reason: 'every move has ended' }, 0],
    [{ gate: 'closed', reason: 'cmp1 is being recovered' }, 1],
    [{ gate: 'unknown', reason: 'no quorum' }, 1],
  ])('check answers %j with exit code %i and one line', async (answer, exit) => {
    const engine = await stubEngine();
    engine.say(200, answer);
    const file = configFile(engines(NOBODY, engine.url));
    const { code, out, error } = await typed(['gate', 'check', '--config', file]);
    expect(code).toBe(exit);
    expect(exit === 0 ? out : error).toMatch(new RegExp(`^lifeboat gate: .*${answer.reason}.*\n$`));
    expect(engine.asked).toEqual(['/lifeboat/v1/hosts/cmp1/gate?for=nova-compute']);
  });

  it('wait says what it waits for, and ends when the gate opens', async () => {
    const engine = await stubEngine();
    engine.say(200, {
      gate: 'closed',
      reason: 'cmp1 is being recovered',
      remedy: 'wait',
      since: '2026-11-22T06:18:17Z',
    });
    const waiting = typing(['gate', 'wait', '--for', 'guests', '--config', configFile(engines(engine.url))]);
    await eventually('it says', () => waiting.texts.error !== '');
    expect(waiting.texts.error).toContain('closed: cmp1 is being recovered');
    expect(waiting.texts.error).toContain('since 2026-11-22T06:18:17Z; do: wait; waiting for 0 s');
    engine.say(200, { gate: 'open', reason: 'given back' });
    expect(await waiting.code).toBe(0);
    expect(waiting.texts.out).toBe(`lifeboat gate: open: given back (${engine.url})\n`);
    expect(engine.asked[0]).toContain('for=guests');
  });

  it('wait refuses when its time is over', async () => {
    const engine = await stubEngine();
    engine.say(200, { gate: 'closed', reason: 'cmp1 is being recovered' });
    const { code, error } = await typed([
      'gate',
      'wait',
      '--timeout',
      '600ms',
      '--config',
      configFile(engines(engine.url)),
    ]);
    expect(code).toBe(1);
    expect(error.trimEnd().split('\n').at(-1)).toMatch(/^lifeboat gate: closed: cmp1 is being recovered/);
  });

  it('takes the more careful word of two engines, and that of one that knows over one that does not', async () => {
    const [one, two] = [await stubEngine(), await stubEngine()];
    const file = configFile(engines(one.url, two.url));
    one.say(200, { gate: 'open', reason: 'it is up' });
    two.say(200, { gate: 'unknown', reason: 'no quorum' });
    expect((await typed(['gate', 'check', '--config', file])).code).toBe(0);
    two.say(200, { gate: 'closed', reason: 'it is recovered' });
    expect((await typed(['gate', 'check', '--config', file])).code).toBe(1);
  });

  it('does not wait for a controller that hangs when another engine has answered', async () => {
    const [silent, engine] = [await stubEngine(), await stubEngine()];
    engine.say(200, { gate: 'open', reason: 'it is up' });
    const began = performance.now();
    const file = configFile('');
    writeFileSync(file, `gate: { host: cmp1, request_timeout: 60s, ${engines(silent.url, engine.url)} }`);
    expect((await typed(['gate', 'check', '--config', file])).code).toBe(0);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it.each<[string, number, unknown]>([
    ['an error', 500, { error: { code: 500 } }],
    ['a redirection', 302, { gate: 'open', reason: 'elsewhere' }],
    ['something else', 200, '<html>It works!</html>'],
    ['half an answer', 200, { gate: 'open' }],
    ['a word that is not one of ours', 200, { gate: 'ajar', reason: 'x' }],
    ['too much', 200, { gate: 'open', reason: 'x'.repeat(100_000) }],
  ])('takes %s for no answer', async (_case, status, body) => {
    const engine = await stubEngine();
    engine.say(status, body);
    const { code, error } = await typed(['gate', 'check', '--config', configFile(engines(engine.url))]);
    expect(code).toBe(1);
    expect(error).toContain('no engine answers');
  });

  it('writes no line of somebody else into the journal', async () => {
    const engine = await stubEngine();
    engine.say(200, { gate: 'closed', reason: 'x\nlifeboat gate: open: forged' });
    const { error } = await typed(['gate', 'check', '--config', configFile(engines(engine.url))]);
    expect(error.trimEnd().split('\n')).toHaveLength(1);
  });

  it('opens in doubt only when the configuration says so', async () => {
    const file = configFile(`${engines(NOBODY)}, when_unknown: open, unknown_patience: 0s`);
    const { code, out } = await typed(['gate', 'wait', '--config', file]);
    expect(code).toBe(0);
    expect(out).toContain('though in doubt');
  });
});

describe('lifeboat gate, with Nova and no engine', () => {
  async function cloud(): Promise<Emulator> {
    const emulator = await startEmulator({ options: { spawnMs: 20, gate: false } });
    onTestFinished(() => emulator.close());
    for (const name of ['cmp1', 'cmp2']) await emulator.addHost({ name, beats: 'lab' });
    return emulator;
  }

  async function mark(emulator: Emulator, life: 'silent' | 'recovered'): Promise<void> {
    const { openCloud } = await import('../../../src/openstack/open-cloud.ts');
    const { systemClock } = await import('../../../src/edge/clock.ts');
    const { systemRandomness } = await import('../../../src/edge/randomness.ts');
    const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
    const nova = await openCloud({
      source: { kind: 'environment', variables: emulator.environment },
      clock: systemClock,
      randomness: systemRandomness,
      logger,
    });
    onTestFinished(() => {
      nova.close();
    });
    const service = (await nova.computeServices()).find(({ host }) => host === 'cmp1');
    await nova.setForcedDown(service?.id ?? '', true);
    await nova.disableService(service?.id ?? '', recoveryMark(proofOf('cmp1'), false, Date.now(), life));
  }

  it('is closed while Nova shows the mark of a recovery, and open when it shows that its moves have ended', async () => {
    const emulator = await cloud();
    const file = configFile(engines(NOBODY));
    await mark(emulator, 'silent');
    const during = await typed(['gate', 'check', '--config', file], emulator.environment);
    expect(during.code).toBe(1);
    expect(during.error).toMatch(/closed: cmp1 is being recovered, by what Nova says \(Nova; no engine answers/);
    await mark(emulator, 'recovered');
    expect((await typed(['gate', 'check', '--config', file], emulator.environment)).code).toBe(0);
    expect((await typed(['gate', 'check', '--for', 'guests', '--config', file], emulator.environment)).code).toBe(1);
  });

  it('is open for a plain restart: nova-compute was heard long after this machine has booted', async () => {
    const emulator = await cloud();
    await emulator.beat('cmp1', 'boot-1');
    const { code, out } = await typed(['gate', 'check', '--config', configFile(engines(NOBODY))], emulator.environment);
    expect(code).toBe(0);
    expect(out).toContain('it was not fenced');
  });

  it('is in doubt about a host that was not heard since this machine has booted', async () => {
    const emulator = await cloud();
    const { code, error } = await typed(
      ['gate', 'check', '--config', configFile(engines(NOBODY))],
      emulator.environment,
    );
    expect(code).toBe(1);
    expect(error).toContain('in doubt');
  });

  it('is in doubt when Nova does not answer either, and tells no secret', async () => {
    const emulator = await cloud();
    await emulator.fault({ effect: { kind: 'status', status: 503 } });
    const { code, error } = await typed(
      ['gate', 'check', '--config', configFile(engines(NOBODY))],
      emulator.environment,
    );
    expect(code).toBe(1);
    expect(error).toContain('Nova cannot be asked either');
    expect(error).not.toContain(emulator.environment.OS_PASSWORD);
  });
});

describe('lifeboat gate, told wrongly', () => {
  it.each([
    [[], 'gate goes with wait or check'],
    [['open'], 'gate goes with wait or check'],
    [['wait', 'cmp1'], 'what is cmp1?'],
    [['wait', '--for', 'everybody'], '--for goes with nova-compute or guests'],
    [['wait', '--timeout', '5'], '--timeout goes with 90s, 5m or 0s'],
    [['check', '--timeout', '5s'], '--timeout goes with gate wait only'],
    [['wait', '--host', '../x'], '../x is no name of a host'],
    [['wait', '--socket', '/x'], "Unknown option '--socket'"],
  ])('%j is misuse', async (words, reason) => {
    const { code, error } = await typed(['gate', ...words]);
    expect(code).toBe(2);
    expect(error).toContain(reason);
  });

  it.each([
    'gate: { engines: [ctl1] }',
    'gate: { engines: ["ftp://ctl1"] }',
    'gate: { engines: ["http://a:b@ctl1"] }',
    '',
  ])('a file with %j is refused with 2', async (text) => {
    const file = configFile('');
    writeFileSync(file, text);
    expect((await typed(['gate', 'wait', '--config', file])).code).toBe(2);
  });

  it('takes the host from its option', () => {
    expect(parseCommand(['gate', 'wait', '--host', hostname()])).toMatchObject({ verb: 'gate wait', host: hostname() });
  });
});
