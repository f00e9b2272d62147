import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { askControl } from '../../../src/control/client.ts';
import { runProgram, type Ended } from '../../support/run-program.ts';
import { trialInstallation, type TrialInstallation } from '../../support/trial-installation.ts';

// As root the daemon gets a user of its own, as it does on a controller; else only this one can be had.
const user = process.getuid?.() === 0 ? 'nobody' : userInfo().username;
const group = execFileSync('id', ['-gn', user], { encoding: 'utf8' }).trim();
const uid = Number(execFileSync('id', ['-u', user], { encoding: 'utf8' }));

let installation: TrialInstallation;
let node: Node;

/** What one controller has: directories of its own. */
interface Node {
  readonly directory: string;
  readonly config: string;
  readonly state: string;
  readonly runtime: string;
  readonly socket: string;
  readonly log: string;
}

function newNode(): Node {
  const directory = mkdtempSync(join(installation.root, 'node-'));
  execFileSync('chmod', ['0755', directory]);
  const node = {
    directory,
    config: join(directory, 'lifeboat.yaml'),
    state: join(directory, 'var/state'),
    runtime: join(directory, 'run'),
    socket: join(directory, 'run/lifeboatd.sock'),
    log: join(directory, 'log/lifeboatd.log'),
  };
  writeFileSync(node.config, `state_directory: ${node.state}\nruntime_directory: ${node.runtime}\n`);
  mkdirSync(node.state, { recursive: true });
  chownSync(node.state, uid, -1);
  return node;
}

function agent(action: string, different: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return runProgram([installation.engine, action], {
    PATH: '/usr/bin:/bin',
    OCF_RESKEY_config: node.config,
    OCF_RESKEY_user: user,
    OCF_RESKEY_group: group,
    OCF_RESKEY_log_file: node.log,
    OCF_RESKEY_runtime_directory: node.runtime,
    OCF_RESKEY_state_directory: node.state,
    OCF_RESKEY_CRM_meta_timeout: '10000',
    ...different,
  });
}

function behave(day: string): void {
  writeFileSync(join(node.state, 'behaviour'), day);
}

async function daemonPid(): Promise<number> {
  return (await askControl(node.socket, { op: 'health' }, { timeoutMs: 2_000 })).pid;
}

beforeAll(async () => {
  installation = await trialInstallation('test/support/stub-lifeboatd.ts');
  node = newNode();
}, 60_000);
afterEach(async () => {
  await agent('stop', { OCF_RESKEY_CRM_meta_timeout: '1000' });
  rmSync(node.directory, { recursive: true });
  node = newNode();
});
afterAll(() => {
  installation.remove();
});

describe('ocf:lifeboat:engine', { timeout: 30_000 }, () => {
  it('goes through a life: not running, started, started again, running, stopped, stopped again', async () => {
    expect((await agent('monitor')).code).toBe(7);
    expect(await agent('start')).toEqual({ code: 0, stdout: '', stderr: '' });
    const pid = await daemonPid();
    expect((await agent('start')).code).toBe(0);
    expect(await daemonPid()).toBe(pid);
    expect((await agent('monitor')).code).toBe(0);
    expect(await agent('stop')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toBeFalsy();
    expect((await agent('stop')).code).toBe(0);
    expect((await agent('monitor')).code).toBe(7);
  });

  it('runs the daemon as its user, in directories of its own, apart from the agent', async () => {
    await agent('start', { OS_CLOUD: 'prod', OCF_ROOT: '/usr/lib/ocf', CRM_alert_kind: 'node' });
    const pid = await daemonPid();
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    expect(/^Uid:\s+(\d+)/m.exec(status)?.[1]).toBe(String(uid));
    const session = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[3];
    expect(session).toBe(String(pid));
    for (const directory of [node.runtime, node.state]) {
      const { mode, uid: owner } = statSync(directory);
      expect([mode & 0o777, owner]).toEqual([0o750, uid]);
    }
    const line = JSON.parse(readFileSync(node.log, 'utf8').split('\n')[0] ?? '') as { environment: string[] };
    expect(line.environment).toContain('OS_CLOUD');
    expect(line.environment.filter((name) => /^(OCF|CRM)_/.test(name))).toEqual([]);
  });

  it('leaves the directory of the log file as it is, unless it has made it', async () => {
    const shared = join(node.directory, 'var/log');
    mkdirSync(shared);
    chmodSync(shared, 0o1777);
    expect((await agent('start', { OCF_RESKEY_log_file: join(shared, 'lifeboat.log') })).code).toBe(0);
    const { mode, uid: owner } = statSync(shared);
    expect([mode & 0o7777, owner]).toEqual([0o1777, process.getuid?.()]);
    expect(statSync(join(shared, 'lifeboat.log')).uid).toBe(uid);
  });

  it('refuses a state directory that everybody writes to, and leaves it as it is', async () => {
    chmodSync(node.state, 0o1777);
    for (const action of ['validate-all', 'start']) {
      const result = await agent(action);
      expect(result.code).toBe(2);
      expect(result.stderr).toContain(`ocf-exit-reason:state_directory ${node.state} is not a directory of`);
    }
    expect(statSync(node.state).mode & 0o7777).toBe(0o1777);
  });

  it('calls a killed daemon not running, and starts it again over its stale socket', async () => {
    await agent('start');
    process.kill(await daemonPid(), 'SIGKILL');
    await expect.poll(async () => (await agent('monitor')).code, { timeout: 5_000 }).toBe(7);
    expect(existsSync(node.socket)).toBe(true);
    expect((await agent('start')).code).toBe(0);
  });

  it('calls a frozen daemon failed, with the reason, and can stop it', async () => {
    await agent('start');
    const pid = await daemonPid();
    process.kill(pid, 'SIGSTOP');
    const result = await agent('monitor', { OCF_RESKEY_CRM_meta_timeout: '1000' });
    expect(result).toMatchObject({
      code: 1,
      stderr: 'ocf-exit-reason:lifeboatd is there but hangs: no answer in 0.7 s\n',
    });
    expect((await agent('stop', { OCF_RESKEY_CRM_meta_timeout: '1000' })).code).toBe(0);
    expect((await agent('monitor')).code).toBe(7);
  });

  it('kills a daemon that does not end, before the timeout', async () => {
    behave('ignores SIGTERM');
    await agent('start');
    const began = performance.now();
    expect((await agent('stop', { OCF_RESKEY_CRM_meta_timeout: '5000' })).code).toBe(0);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect((await agent('monitor')).code).toBe(7);
  });

  it('fails a start with what the daemon said last when it ends at once', async () => {
    behave('crashes');
    expect(await agent('start')).toMatchObject({
      code: 1,
      stderr: 'ocf-exit-reason:lifeboatd ended with code 70: the store is broken\n',
    });
  });

  it('fails a start that gets no answer, within its timeout, and leaves no daemon behind', async () => {
    behave('never answers');
    const result = await agent('start', { OCF_RESKEY_CRM_meta_timeout: '3000' });
    expect(result).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('did not answer within 1000 ms') as string,
    });
    behave('good');
    expect((await agent('start')).code).toBe(0);
  });

  it('never kills a stranger that serves the socket, and says that it does', async () => {
    mkdirSync(node.runtime, { recursive: true });
    const stranger = createServer((socket) => {
      socket.end(`${JSON.stringify({ ok: true, result: { pid: process.pid, holds: [], held: 0 } })}\n`);
    }).listen(node.socket);
    await once(stranger, 'listening');
    const result = await agent('stop');
    stranger.close();
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(`process ${process.pid} serves the control socket`);
  });

  it('does not let a daemon begin with a broken configuration, and names the line', async () => {
    writeFileSync(node.config, 'evacuation:\n  parallel: many\n');
    for (const action of ['start', 'validate-all']) {
      const result = await agent(action);
      expect(result.code).toBe(2);
      expect(result.stderr).toContain(
        `configuration: ${node.config}:2:3: evacuation.parallel: expected a whole number`,
      );
    }
  });

  it('refuses a user that this node does not have, a relative path, and a directory that differs from the file', async () => {
    expect(await agent('validate-all')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await agent('validate-all', { OCF_RESKEY_user: 'no-such-user' })).toMatchObject({
      code: 5,
      stderr: 'ocf-exit-reason:this node has no user no-such-user\n',
    });
    expect((await agent('validate-all', { OCF_RESKEY_log_file: 'log' })).code).toBe(2);
    const differs = await agent('validate-all', { OCF_RESKEY_state_directory: '/var/lib/other' });
    expect(differs).toMatchObject({ code: 2, stderr: expect.stringContaining('must be the same') as string });
  });

  it('works with an empty environment, and refuses an action that it does not have', async () => {
    expect((await runProgram([installation.engine, 'meta-data'])).stdout).toContain('<resource-agent name="engine"');
    expect((await runProgram([installation.engine, 'promote'])).code).toBe(3);
    expect((await runProgram([installation.engine])).code).toBe(3);
  });
});
