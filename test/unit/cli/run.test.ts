import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import type { AlertVariables, Order, OrderAnswer, PlanStatus, Status } from '../../../src/control/protocol.ts';
import { serveControl, type ControlServer } from '../../../src/control/server.ts';
import { healthOf } from '../../support/health.ts';
import { runProgram } from '../../support/run-program.ts';
import { badNight, NOW_MS } from '../../support/status.ts';

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const PLANNED = {
  outcome: 'planned',
  host: 'cmp1',
  obstacles: [],
  failure: undefined,
  moves: [],
} as const satisfies PlanStatus;
const fine: Status = { ...healthOf(), hosts: [], recoveries: [] };

let status: Status;
let planned: PlanStatus;
let woken: AlertVariables[];
let orders: Order[];
let answer: OrderAnswer;
let directory: string;
let socket: string;
let server: ControlServer;

beforeEach(async () => {
  status = fine;
  woken = [];
  planned = PLANNED;
  directory = mkdtempSync(join(tmpdir(), 'lifeboat-cli-'));
  socket = join(directory, 'lifeboatd.sock');
  orders = [];
  answer = { outcome: 'done', lines: ['one', 'two'] };
  const order = (given: Order): Promise<OrderAnswer> => {
    orders.push(given);
    return Promise.resolve(answer);
  };
  const wake = (alert: AlertVariables): number => woken.push(alert);
  const plan = (): Promise<PlanStatus> => Promise.resolve(planned);
  const handlers = { wake, health: () => status, status: () => status, plan, order };
  server = await serveControl({ path: socket, logger: quiet, handlers });
});
afterEach(() => server.close());

async function typed(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  let out = '';
  let error = '';
  const code = await run(words, {
    environment,
    nowMs: NOW_MS,
    out: (text) => (out += text),
    error: (text) => (error += text),
  });
  return { code, out, error };
}

describe('the exit code of lifeboat', () => {
  it('is 0 when all is well and 1 when something is held or has failed', async () => {
    expect((await typed(['status', '--socket', socket])).code).toBe(0);
    status = badNight();
    expect((await typed(['status', '--socket', socket])).code).toBe(1);
    status = { ...fine, failed: 1 };
    expect((await typed(['status', '--socket', socket])).code).toBe(1);
    status = { ...fine, paused: 'by root: a new switch' };
    expect((await typed(['status', '--socket', socket])).code).toBe(1);
  });

  it('of plan is 1 when an instance has no place or a rule would hold it, and when the host is unknown', async () => {
    const asked = ['plan', 'cmp1', '--socket', socket];
    expect((await typed(asked)).code).toBe(0);
    planned = { ...PLANNED, obstacles: [{ reason: 'no quorum', remedy: undefined }] };
    expect((await typed(asked)).code).toBe(1);
    expect(JSON.parse((await typed([...asked, '--json'])).out)).toEqual({
      ...planned,
      obstacles: [{ reason: 'no quorum' }],
    });
    planned = { outcome: 'refused', reason: 'Nova has no cmp1', remedy: 'list them' };
    expect(await typed(asked)).toEqual({ code: 1, out: '', error: 'lifeboat: Nova has no cmp1\nlist them\n' });
  });

  it('is 2 when the command is wrong, with the usage on stderr', async () => {
    const { code, out, error } = await typed(['sttus']);
    expect([code, out]).toEqual([2, '']);
    expect(error).toContain('there is no command sttus');
    expect(error).toContain('Exit codes:');
  });

  it('is 3 when no engine answers, with what to do', async () => {
    for (const verb of ['status', 'wake']) {
      const { code, error } = await typed([verb, '--socket', join(directory, 'nobody')]);
      expect(code).toBe(3);
      expect(error).toContain('no lifeboatd listens on');
      expect(error).toContain('crm_mon shows where it does');
    }
  });
});

describe('lifeboat', () => {
  it('gives the whole status as JSON', async () => {
    status = badNight();
    const { out } = await typed(['status', '--json', '--socket', socket]);
    expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify(badNight())));
  });

  it('wakes the engine', async () => {
    expect((await typed(['wake', '--socket', socket])).code).toBe(0);
    expect(woken).toEqual([{}]);
  });

  it('gives the engine an order, with who gives it, and tells what was done', async () => {
    const environment = { SUDO_USER: 'anna', USER: 'root' };
    expect(await typed(['pause', '--reason', 'a new switch', '--socket', socket], environment)).toEqual({
      code: 0,
      out: 'one\ntwo\n',
      error: '',
    });
    await typed(['resume', '--socket', socket], { USER: 'root' });
    await typed(['proceed', 'cmp1', 'cmp2', '--socket', socket]);
    await typed(['retry', 'web-1', '--reason', 'there is room', '--socket', socket]);
    expect(orders).toEqual([
      { op: 'pause', by: 'anna', reason: 'a new switch' },
      { op: 'resume', by: 'root' },
      { op: 'proceed', hosts: ['cmp1', 'cmp2'], by: 'somebody' },
      { op: 'retry', target: 'web-1', by: 'somebody', reason: 'there is room' },
    ]);
  });

  it('says on stderr why an order was refused, with exit code 1', async () => {
    answer = { outcome: 'refused', lines: ['cmp1 is up'] };
    expect(await typed(['retry', 'cmp1', '--socket', socket])).toEqual({
      code: 1,
      out: '',
      error: 'lifeboat: refused: cmp1 is up\n',
    });
  });

  it('says first of all that Lifeboat is paused', async () => {
    status = { ...fine, paused: 'by root since 2026-11-25T15:03:10Z: a new switch' };
    const { out } = await typed(['status', '--socket', socket]);
    expect(out.split('\n')[1]).toBe(
      'PAUSED by root since 2026-11-25T15:03:10Z: a new switch. Nothing new is sent; to go on: lifeboat resume',
    );
  });

  it('checks and shows a configuration file, given or from LIFEBOAT_CONFIG', async () => {
    const file = join(directory, 'l.yaml');
    writeFileSync(file, "instances: { exclude_names: ['^amphora-'] }");
    expect(await typed(['config', 'check', file])).toEqual({ code: 0, out: `${file} is good\n`, error: '' });
    const shown = await typed(['config', 'show'], { LIFEBOAT_CONFIG: file });
    expect((JSON.parse(shown.out) as { instances: { excludeNames: unknown } }).instances.excludeNames).toEqual([
      '^amphora-',
    ]);
    writeFileSync(file, 'log: { level: loud }\nx: 1');
    const wrong = await typed(['config', 'check', file]);
    expect(wrong.code).toBe(1);
    expect(wrong.error.split('\n').map((line) => line.startsWith(`${file}:`))).toEqual([true, true, false]);
  });

  it('writes all of it into a pipe, and does not mind a reader that leaves', async () => {
    const main = resolve(import.meta.dirname, '../../../src/cli/main.ts');
    const whole = await runProgram([process.execPath, main, 'config', 'example'], { PATH: '/usr/bin:/bin' });
    expect(whole).toMatchObject({ code: 0, stderr: '', stdout: (await typed(['config', 'example'])).out });
    const script = '"$1" "$2" config example | true; echo "${PIPESTATUS[0]}"';
    const left = await runProgram(['/bin/bash', '-c', script, 'bash', process.execPath, main], {
      PATH: '/usr/bin:/bin',
    });
    expect(left).toEqual({ code: 0, stdout: '0\n', stderr: '' });
  });
});
