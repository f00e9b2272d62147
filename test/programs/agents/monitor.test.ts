import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { judge } from '../../../resource-agents/monitor/monitor.ts';
import { metadata } from '../../../resource-agents/monitor/metadata.ts';
import { monitorConfigFromText } from '../../../src/config/monitor/load.ts';
import { askMonitor } from '../../../src/monitor/cli/ask.ts';
import type { MonitorStatus } from '../../../src/monitor/status.ts';
import { runProgram, type Ended } from '../../support/run-program.ts';
import { trialInstallation, type TrialInstallation } from '../../support/trial-installation.ts';

const user = userInfo().username;
const group = execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim();

let installation: TrialInstallation;
let directory: string;
beforeAll(async () => {
  installation = await trialInstallation('test/support/stub-lifeboatd.ts');
}, 60_000);
afterAll(() => {
  installation.remove();
});

const within = (name: string): string => join(directory, name);

function newHost(): void {
  directory = mkdtempSync(join(installation.root, 'host-'));
  writeFileSync(within('monitor.key'), 'lbk_x\n', { mode: 0o600 });
  const lines = [
    'host: cmp1',
    `api: { addresses: ['http://127.0.0.1:1'], key_file: ${within('monitor.key')} }`,
    `state_directory: ${within('state')}`,
    `runtime_directory: ${within('run')}`,
  ];
  writeFileSync(within('monitor.yaml'), lines.join('\n'));
}

function agent(action: string, different: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return runProgram([installation.monitor, action], {
    PATH: '/usr/bin:/bin',
    OCF_RESKEY_config: within('monitor.yaml'),
    OCF_RESKEY_user: user,
    OCF_RESKEY_group: group,
    OCF_RESKEY_log_file: within('log/monitor.log'),
    OCF_RESKEY_runtime_directory: within('run'),
    OCF_RESKEY_state_directory: within('state'),
    OCF_RESKEY_CRM_meta_timeout: '10000',
    ...different,
  });
}

async function status(): Promise<MonitorStatus> {
  return (await askMonitor(join(directory, 'run', 'monitor.sock'), 'status')) as MonitorStatus;
}

describe('ocf:lifeboat:monitor', { timeout: 60_000 }, () => {
  beforeAll(newHost);
  afterEach(async () => {
    await agent('stop', { OCF_RESKEY_CRM_meta_timeout: '1000' });
    rmSync(directory, { recursive: true });
    newHost();
  });

  it('goes through a life: not running, started, started again, running, stopped, stopped again', async () => {
    expect((await agent('monitor')).code).toBe(7);
    expect(await agent('start')).toEqual({ code: 0, stdout: '', stderr: '' });
    const { pid, host } = await status();
    expect(host).toBe('cmp1');
    expect((await agent('start')).code).toBe(0);
    expect((await status()).pid).toBe(pid);
    expect((await agent('monitor')).code).toBe(0);
    expect(await agent('stop')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toBeFalsy();
    expect((await agent('stop')).code).toBe(0);
    expect((await agent('monitor')).code).toBe(7);
  });

  it('makes its directories for its user only, and the monitor its spool', async () => {
    await agent('start');
    expect(statSync(within('state')).mode & 0o777).toBe(0o750);
    expect(statSync(within('run')).mode & 0o777).toBe(0o750);
    expect(statSync(within('state/spool/journal')).mode & 0o777).toBe(0o600);
  });

  it('calls a killed monitor not running, and starts it again over its stale socket', async () => {
    await agent('start');
    process.kill((await status()).pid, 'SIGKILL');
    await expect.poll(async () => (await agent('monitor')).code, { timeout: 5_000 }).toBe(7);
    expect((await agent('start')).code).toBe(0);
  });

  it('calls a frozen monitor failed, with the reason, and can stop it', async () => {
    await agent('start');
    process.kill((await status()).pid, 'SIGSTOP');
    const answer = await agent('monitor', { OCF_RESKEY_CRM_meta_timeout: '1500' });
    expect(answer).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('lifeboat-monitor is there but hangs') as string,
    });
    expect((await agent('stop', { OCF_RESKEY_CRM_meta_timeout: '5000' })).code).toBe(0);
  });

  it.each([
    ['the key is missing', () => rmSync(within('monitor.key')), 1, 'api.key_file'],
    ['everybody may read the key', () => chmodSync(within('monitor.key'), 0o644), 1, 'everybody has rights on'],
    ['the file is wrong', () => writeFileSync(within('monitor.yaml'), 'hosts: x'), 2, 'hosts: unknown key'],
    ['it has another state directory', () => writeFileSync(within('monitor.yaml'), ''), 2, 'runtime_directory in'],
  ])('does not start when %s, and says so', async (_when, spoil, code, told) => {
    spoil();
    const answer = await agent('start');
    expect(answer.code).toBe(code);
    expect(answer.stderr).toContain('ocf-exit-reason:');
    expect(answer.stderr).toContain(told);
    expect(answer.stderr).not.toContain('lbk_');
  });

  it('is degraded, and not failed, by what an operator should see to; a probe only asks whether it runs', () => {
    const concerns = ['blind: libvirt does not answer, since 02:14Z', 'two'];
    const answer = { outcome: 'well', status: { summary: '', concerns } } as const;
    expect(judge(answer, { intervalMs: 10_000 })).toEqual({ code: 190, reason: `${concerns[0]} (and 1 more)` });
    expect(judge(answer, { intervalMs: 0 })).toEqual({ code: 0 });
  });

  it('has metadata with the defaults of the configuration', () => {
    const text = metadata('0');
    const { runtimeDirectory, stateDirectory } = monitorConfigFromText('', 'defaults');
    for (const path of [runtimeDirectory, stateDirectory, '/etc/lifeboat/monitor.yaml'])
      expect(text).toContain(`default="${path}"`);
  });
});
