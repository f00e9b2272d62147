import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startCheckedDev } from './checked-dev.ts';
import type { DevProcess } from './dev-process.ts';

interface Shown {
  readonly type: string;
  readonly status: string;
  readonly generated_time: string;
  readonly payload: Readonly<Record<string, string>>;
}

/** What Debian's python3-masakari-monitors sends, by its own code, with a token of the emulated Keystone. */
describe('the monitors of Masakari', () => {
  let dev: DevProcess;
  let folder: string;
  let settings: string;
  beforeAll(async () => {
    dev = await startCheckedDev({ args: ['--auth', 'keystone', '--hosts', '3'] });
    folder = mkdtempSync(join(tmpdir(), 'lifeboat-monitors-'));
    settings = join(folder, 'masakarimonitors.conf');
    writeFileSync(settings, configuration(dev.environment['OS_AUTH_URL'] ?? '', folder), { mode: 0o600 });
    writeFileSync(join(folder, 'processes.yaml'), PROCESSES);
  });
  afterAll(async () => {
    await dev?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const notifications = async (): Promise<readonly Shown[]> => {
    const { stdout } = await promisify(execFile)('openstack', ['notification', 'list', '-f', 'json'], {
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: '/nonexistent', ...dev.environment },
    });
    return JSON.parse(stdout) as readonly Shown[];
  };

  it.skipIf(process.getuid?.() !== 0)(
    'masakari-processmonitor reports a process that cannot be restarted',
    async () => {
      // It calls its host what the machine is called.
      const words = ['--uts', 'sh', '-c', `hostname compute-1; exec masakari-processmonitor --config-file ${settings}`];
      const monitor = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      for (const stream of [monitor.stdout, monitor.stderr])
        stream.on('data', (chunk: Buffer) => (output += String(chunk)));
      try {
        await eventually(
          'its report is there',
          async () => {
            const found = await notifications();
            return found.find(({ type, payload }) => type === 'PROCESS' && payload['process_name'] === 'nova-compute');
          },
          { withinMs: 90_000, everyMs: 1_000 },
        ).catch((error: unknown) => {
          throw new Error(`${String(error)}\n${output.slice(-2_000)}`);
        });
      } finally {
        const ended = once(monitor, 'exit');
        monitor.kill('SIGKILL');
        await ended;
      }
    },
  );

  it.skipIf(process.getuid?.() !== 0)('masakari-hostmonitor reports a host that the cluster has lost', async () => {
    // A crm_mon that shows what was recorded of a real one.
    const crmMon = join(folder, 'crm_mon');
    const shown = join(folder, 'shown.xml');
    writeFileSync(crmMon, `#!/bin/sh\nexec cat ${shown}\n`, { mode: 0o755 });
    const show = (recording: string): void => {
      const xml = readFileSync(
        join(import.meta.dirname, '../samples/pacemaker/b2-remote-host-gone', recording),
        'utf8',
      );
      // Renamed into place: half a file would be read as no answer.
      writeFileSync(`${shown}.new`, xml.replaceAll('"cmp', '"compute-'));
      renameSync(`${shown}.new`, shown);
    };
    show('crm_mon-01-+0.33s.xml');
    const monitor = spawn('masakari-hostmonitor', ['--config-file', settings], {
      env: { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? '/usr/bin:/bin'}` },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    for (const stream of [monitor.stdout, monitor.stderr])
      stream.on('data', (chunk: Buffer) => (output += String(chunk)));
    const seen = <T>(what: string, look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> =>
      eventually(what, look, { withinMs: 60_000, everyMs: 500 }).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${output.slice(-3_000)}`);
      });
    try {
      await seen('it knows the hosts', () => output.includes("Recognized 'compute-3' as a new member"));
      show('crm_mon-03-+7.91s.xml');
      const report = await seen('its report is there', async () =>
        (await notifications()).find(({ type }) => type === 'COMPUTE_HOST'),
      );
      expect(report).toMatchObject({
        // A claim: nothing is done before the cluster has fenced the host.
        status: 'running',
        payload: { event: 'STOPPED', cluster_status: 'OFFLINE', host_status: 'NORMAL' },
      });
      await seen('it was answered', () => output.includes('Response: '));
      expect(output).not.toContain('Retry sending a notification');
    } finally {
      const ended = once(monitor, 'exit');
      // With what it has started: it begins a privsep-helper, which would outlive it.
      process.kill(-(monitor.pid ?? 0), 'SIGKILL');
      await ended;
    }
  });

  it.each([
    ['a host', 'COMPUTE_HOST', { event: 'STOPPED', cluster_status: 'OFFLINE', host_status: 'NORMAL' }, 'running'],
    [
      'an instance',
      'VM',
      {
        event: 'LIFECYCLE',
        instance_uuid: '531a80c7-31eb-409d-a2dd-944a65b3b617',
        vir_domain_event: 'STOPPED_FAILED',
      },
      'ignored',
    ],
  ])('send a report of %s, which is taken once', async (_, type, payload, status) => {
    const send = (): Promise<{ readonly stdout: string; readonly stderr: string }> =>
      promisify(execFile)('/usr/bin/python3', ['-c', SENDER, settings, type, 'compute-2', JSON.stringify(payload)], {
        timeout: 60_000,
      });
    await send();
    const again = await send();
    // They give up on 409 at once, and say so.
    expect(`${again.stdout}${again.stderr}`).toContain('same notification have been already sent');
    const mine = (await notifications()).filter(
      (each) => each.type === type && each.generated_time.startsWith('2026-11-22T06:38:18'),
    );
    expect(mine.map((each) => [each.status, each.payload])).toEqual([[status, payload]]);
  });
});

const PROCESSES = `- process_name: /no/such/nova-compute
  start_command: "true"
  pre_start_command:
  post_start_command:
  restart_command: "false"
  pre_restart_command:
  post_restart_command:
  run_as_root: False
`;

/** As the monitors call it: masakarimonitors/ha/masakari.py. */
const SENDER = `
import datetime, json, sys
import eventlet
eventlet.monkey_patch()
from oslo_log import log
import masakarimonitors.conf
CONF = masakarimonitors.conf.CONF
log.register_options(CONF)
CONF(['--config-file', sys.argv[1]], project='masakarimonitors')
log.setup(CONF, 'masakarimonitors')
from masakarimonitors.ha import masakari
event = {'notification': {'type': sys.argv[2], 'hostname': sys.argv[3],
         'generated_time': datetime.datetime(2026, 11, 22, 6, 38, 18), 'payload': json.loads(sys.argv[4])}}
masakari.SendNotification().send_notification(1, 1, event)
`;

function configuration(authUrl: string, folder: string): string {
  return `[DEFAULT]
use_stderr = true
[api]
region = RegionOne
api_interface = public
auth_type = password
auth_url = ${authUrl}
username = admin
password = secret
project_name = admin
user_domain_id = default
project_domain_id = default
[host]
monitoring_interval = 1
pacemaker_node_type = remote
restrict_to_remotes = true
disable_ipmi_check = true
[masakarimonitors_privileged]
helper_command = privsep-helper --config-file ${join(folder, 'masakarimonitors.conf')}
[process]
check_interval = 1
restart_retries = 1
restart_interval = 1
api_retry_max = 2
api_retry_interval = 1
process_list_path = ${join(folder, 'processes.yaml')}
`;
}
