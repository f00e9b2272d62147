import { createServer } from 'node:net';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlertVariables } from '../../../src/control/protocol.ts';
import { serveControl } from '../../../src/control/server.ts';
import { watchWakeFile } from '../../../src/control/wake-file.ts';
import { healthOf } from '../../support/health.ts';
import { runProgram } from '../../support/run-program.ts';
import { trialInstallation, type TrialInstallation } from '../../support/trial-installation.ts';

let installation: TrialInstallation;
beforeAll(async () => {
  installation = await trialInstallation('test/support/stub-lifeboatd.ts');
}, 60_000);
afterAll(() => {
  installation.remove();
});

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

describe('alert_lifeboat', () => {
  it('wakes the engine on its node with the alert and nothing else of the environment', async () => {
    const socket = join(installation.root, 'engine.sock');
    const alerts: AlertVariables[] = [];
    const server = await serveControl({
      path: socket,
      logger: quiet,
      handlers: {
        wake: (alert) => alerts.push(alert),
        health: () => healthOf(),
        status: () => ({ ...healthOf(), hosts: [], recoveries: [] }),
        plan: () => Promise.resolve({ outcome: 'refused', reason: 'no', remedy: 'no' }),
        order: () => Promise.resolve({ outcome: 'refused', lines: ['this is a stand-in'] }),
      },
    });
    const result = await runProgram([installation.alert], {
      CRM_alert_recipient: socket,
      CRM_alert_kind: 'fencing',
      CRM_alert_desc: 'Operation off of cmp1 "by" ctl2\n$(reboot)',
      OS_PASSWORD: 'hunter2',
    });
    await server.close();
    expect(result).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(alerts).toEqual([
      {
        CRM_alert_recipient: socket,
        CRM_alert_kind: 'fencing',
        CRM_alert_desc: 'Operation off of cmp1 "by" ctl2\n$(reboot)',
      },
    ]);
  });

  it('wakes the engine without starting Node when the daemon has its wake file', async () => {
    const folder = join(installation.root, 'awake');
    mkdirSync(folder);
    const socket = join(folder, 'engine.sock');
    const server = createServer().listen(socket);
    await once(server, 'listening');
    const woken = new Promise<void>((resolve) => {
      const wakeFile = watchWakeFile(join(folder, 'wake'), () => {
        wakeFile.close();
        resolve();
      });
    });
    const runtime = join(installation.root, 'usr/lib/lifeboat');
    expect((await runProgram(['/bin/mv', runtime, `${runtime}.away`])).code).toBe(0);
    try {
      const environment = { CRM_alert_kind: 'fencing', CRM_alert_recipient: socket };
      expect(await runProgram([installation.alert], environment)).toEqual({ code: 0, stdout: '', stderr: '' });
      await woken;
    } finally {
      await runProgram(['/bin/mv', `${runtime}.away`, runtime]);
      server.close();
    }
  });

  it('leaves without starting Node when no engine is on its node', async () => {
    const runtime = join(installation.root, 'usr/lib/lifeboat');
    const moved = await runProgram(['/bin/mv', runtime, `${runtime}.away`]);
    expect(moved.code).toBe(0);
    try {
      const environment = { CRM_alert_kind: 'node', CRM_alert_recipient: join(installation.root, 'nobody.sock') };
      expect(await runProgram([installation.alert], environment)).toEqual({ code: 0, stdout: '', stderr: '' });
      writeFileSync(environment.CRM_alert_recipient, 'not a socket');
      expect((await runProgram([installation.alert], environment)).code).toBe(0);
    } finally {
      await runProgram(['/bin/mv', `${runtime}.away`, runtime]);
    }
  });

  it('leaves with success and in time when the engine hangs', async () => {
    const directory = join(installation.root, 'hung');
    mkdirSync(directory);
    const hung = createServer(() => undefined).listen(join(directory, 'x.sock'));
    await once(hung, 'listening');
    const began = performance.now();
    const environment = { CRM_alert_kind: 'node', CRM_alert_recipient: join(directory, 'x.sock') };
    const result = await runProgram([installation.alert], environment);
    hung.close();
    expect(result.code).toBe(0);
    expect(performance.now() - began).toBeLessThan(4_000);
  });

  it('says what it is for when it is called without an alert', async () => {
    const result = await runProgram([installation.alert]);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('pcs alert create');
  });
});
