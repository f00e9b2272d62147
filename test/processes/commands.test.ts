import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Watch } from '../../src/compute/notification.ts';
import { watchHostProcesses } from '../../src/compute/processes/index.ts';
import { readProcessList } from '../../src/compute/processes/process-list.ts';
import { USUAL_PROCESS_SETTINGS, type ProcessSettings } from '../../src/compute/processes/settings.ts';
import { systemClock } from '../../src/edge/clock.ts';
import { systemRandomness } from '../../src/edge/randomness.ts';
import { eventually } from '../support/eventually.ts';
import { recordingLogger } from '../support/recording-logger.ts';

describe('the watch over processes without systemd', () => {
  let folder: string;
  let told: string[];
  let watch: Watch | undefined;
  const children: ChildProcess[] = [];

  const begin = (settings: Partial<ProcessSettings>): void => {
    watch = watchHostProcesses({
      hostname: 'compute-1',
      clock: systemClock,
      randomness: systemRandomness,
      logger: recordingLogger(),
      settings: {
        ...USUAL_PROCESS_SETTINGS,
        units: [],
        listedEveryMs: 200,
        settleMs: 100,
        limits: { ...USUAL_PROCESS_SETTINGS.limits, steadyMs: 500 },
        ...settings,
      },
      onNotification: ({ payload }) => told.push(`${payload['process_name'] ?? ''} ${payload['event'] ?? ''}`),
      remember: { read: () => undefined, write: () => {} },
    });
  };
  /** A process with that name in its line of ps. */
  const run = (name: string): ChildProcess => {
    const child = spawn('/bin/sh', ['-c', 'sleep 1000 & wait', join(folder, name)], {
      stdio: 'ignore',
      detached: true,
    });
    children.push(child);
    return child;
  };
  const sees = (words: string): Promise<true> =>
    eventually(`it sees: ${words}`, () => watch?.sight().sentence.startsWith(words));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lb-processes-'));
    told = [];
  });
  afterEach(() => {
    watch?.stop();
    for (const { exitCode, pid, signalCode } of children.splice(0)) {
      if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it('finds a process of process_list.yaml in ps, misses it when it is killed, and finds it when it is back', async () => {
    const list = `- process_name: ${join(folder, 'fake-agent')}`;
    const agent = run('fake-agent');
    begin({ listed: readProcessList(list, 'list', 'root') });
    await sees('1 process run');
    process.kill(-(agent.pid ?? 0), 'SIGKILL');
    await once(agent, 'exit');
    await eventually('it was told', () => told.length === 1);
    run('fake-agent');
    await eventually('it was told again', () => told.length === 2);
    expect(told).toEqual(['fake-agent STOPPED', 'fake-agent STARTED']);
  });

  it('believes a health command, and restarts with the command for it', async () => {
    const health = join(folder, 'healthy');
    writeFileSync(health, '');
    const command = {
      name: 'nova-compute',
      command: ['test', '-e', health],
      everyMs: 100,
      deadlineMs: 5_000,
      threshold: 2,
      restartCommand: ['touch', health],
    };
    const restarts = { attempts: 1, firstMs: 300, windowMs: 60_000 };
    begin({ commands: [command], limits: { ...USUAL_PROCESS_SETTINGS.limits, steadyMs: 500, restarts } });
    await sees('1 process run');
    rmSync(health);
    await eventually('it was told', () => told.length === 2);
    expect(told).toEqual(['nova-compute STOPPED', 'nova-compute STARTED']);
  });
});
