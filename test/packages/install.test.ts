import { mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { waitFor } from '../cluster/lab/wait.ts';
import { built } from './built.ts';
import { bootMachine, type Machine } from './lab/machine.ts';
import { debianRoot } from './lab/root.ts';
import { commandsOn } from './page-commands.ts';

/**
 * A controller's life with the packages, step by step on one machine: a clean Debian 12 with a cluster of one node under
 * a real systemd. What an operator types is taken from the pages that tell him to.
 */
const shared = mkdtempSync(join(tmpdir(), 'lifeboat-install-'));
const log = join(shared, 'console.log');
let machine: Machine;

beforeAll(async () => {
  const [root] = await Promise.all([debianRoot(), packages('first', '1'), packages('second', '2')]);
  machine = await bootMachine({ name: 'install', root, shared, log });
});
afterAll(async () => {
  await machine.remove();
  rmSync(shared, { recursive: true, force: true });
});

/** A clone, as far as the pages see it: the folder packages/, and the operator's own clouds.yaml. */
async function packages(clone: string, revision: string): Promise<void> {
  await built(join(shared, clone, 'packages'), revision, ['deb']);
  writeFileSync(join(shared, clone, 'my-clouds.yaml'), CLOUDS);
}

const CLOUDS = `clouds:
  mycloud:
    auth: {auth_url: 'http://127.0.0.1:5000', username: lifeboat, password: secret, project_name: admin}
`;

async function typed(page: string, words: string, clone = 'first'): Promise<string> {
  const commands = commandsOn(page, words);
  const { stdout, stderr } = await machine.shell(`cd /run/shared/${clone}\n${commands}`, { timeoutMs: 120_000 });
  return stdout + stderr;
}

async function says(script: string): Promise<string> {
  return (await machine.shell(script, { allowFailure: true })).stdout.trim();
}

async function engine(): Promise<{ readonly pid: number; readonly version: string }> {
  const { stdout } = await machine.run(['lifeboat', 'status', '--json'], { allowFailure: true });
  return JSON.parse(stdout) as { pid: number; version: string };
}

async function daemonPid(): Promise<number> {
  return Number(await says('pgrep -f "^/usr/lib/lifeboat/bin/node /usr/sbin/lifeboatd"'));
}

function started(): Promise<true> {
  const look = async (): Promise<boolean> => /Started node1/.test(await says('crm_mon -1'));
  return waitFor('the engine in crm_mon', async () => (await look()) || undefined, {
    deadlineMs: 60_000,
    everyMs: 500,
  });
}

describe('a controller that gets Lifeboat from packages', () => {
  it('installs them as the README says, and nothing is started', async () => {
    onTestFailed(() => {
      process.stderr.write(readFileSync(log, 'utf8'));
    });
    await typed('README.md', 'apt-get install');
    expect(await says('lifeboat version')).toMatch(/^lifeboat \d/);
    expect(await says('systemctl is-enabled lifeboatd')).toBe('disabled');
    expect(await daemonPid()).toBe(0);
    expect(await says('stat -c "%U:%G %a %n" /run/lifeboat /var/lib/lifeboat /var/log/lifeboat')).toBe(
      ['/run/lifeboat', '/var/lib/lifeboat', '/var/log/lifeboat']
        .map((path) => `hacluster:haclient 750 ${path}`)
        .join('\n'),
    );
  });

  it('has manual pages that man takes without a warning', async () => {
    for (const page of ['8 lifeboatd', '8 lifeboat', '5 lifeboat.yaml', '7 ocf_lifeboat_engine', '7 alert_lifeboat']) {
      const { stdout, stderr } = await machine.shell(`LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings ${page} | cat`);
      expect(stdout, page).toMatch(/NAME/);
      expect(stderr, page).toBe('');
    }
  });

  it('completes what is typed in bash, and zsh reads its own file', async () => {
    const complete = (line: string): string => `bash -c '
      source /usr/share/bash-completion/completions/lifeboat
      COMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _lifeboat; echo "\${COMPREPLY[*]}"'`;
    expect(await says(complete('lifeboat conf'))).toBe('config');
    expect(await says(complete('lifeboat config ex'))).toBe('example');
    expect(await says(complete('lifeboat gate wait --f'))).toBe('--for');
    expect(await says(complete('lifeboat export masakari --schema z'))).toBe('zed');
    expect(await says(complete('lifeboat config check /etc/lifeboat/lifeboat.yaml.e'))).toBe(
      '/etc/lifeboat/lifeboat.yaml.example',
    );
    await machine.run(['zsh', '-n', '/usr/share/zsh/vendor-completions/_lifeboat']);
  });

  it('is configured as the page on installing says', async () => {
    await typed('docs/install.md', 'lifeboat.yaml.example /etc/lifeboat/lifeboat.yaml');
    await machine.run(['sed', '-i', 's/^  #name:.*/  name: mycloud/', '/etc/lifeboat/lifeboat.yaml']);
    expect(await says('lifeboat config check')).toBe('/etc/lifeboat/lifeboat.yaml is good');
    expect(await says('lifeboat config show')).toContain('"name": "mycloud"');
  });

  it('runs the engine by its unit where Pacemaker has no resource for it; systemd starts it again when it dies', async () => {
    await machine.run(['systemctl', 'start', 'lifeboatd']);
    // Type=notify: it serves when the start has ended.
    const first = await engine();
    expect(first.pid).toBe(await daemonPid());
    expect(await says(`ps -o user:16=,ni= ${first.pid}`)).toMatch(/^hacluster\s+-10$/);
    await machine.run(['kill', '-KILL', String(first.pid)]);
    await waitFor('another process', async () => ((await daemonPid()) || first.pid) !== first.pid, {
      deadlineMs: 30_000,
      everyMs: 300,
    });
    await machine.run(['systemctl', 'stop', 'lifeboatd']);
    expect(await daemonPid()).toBe(0);
  });

  it('is put into the cluster as the README says', async () => {
    // A cluster of one node has nobody who could fence it.
    await machine.run(['pcs', 'property', 'set', 'stonith-enabled=false']);
    await typed('README.md', 'pcs resource create');
    await started();
    expect((await engine()).pid).toBe(await daemonPid());
  });

  it('refuses the unit while Pacemaker has the resource', async () => {
    const { code } = await machine.run(['systemctl', 'start', 'lifeboatd'], { allowFailure: true });
    expect(code).not.toBe(0);
    expect(await says('journalctl --no-pager --unit lifeboatd')).toContain('Do: systemctl disable --now lifeboatd');
    await machine.run(['systemctl', 'stop', 'lifeboatd']);
    expect(await daemonPid()).not.toBe(0);
  });

  it('rotates the log, and the daemon goes on writing into it', async () => {
    await machine.run(['logrotate', '--force', '/etc/logrotate.d/lifeboat']);
    expect(Number(await says('stat -c %s /var/log/lifeboat/lifeboatd.log.1'))).toBeGreaterThan(0);
    await machine.run(['lifeboat', 'pause', '--reason', 'a line for the log']);
    const look = (): Promise<string> => says('grep -c "a line for the log" /var/log/lifeboat/lifeboatd.log');
    await waitFor('the line', async () => Number(await look()) > 0, { deadlineMs: 20_000, everyMs: 500 });
    await machine.run(['lifeboat', 'resume']);
  });

  it('does not let the package go from under an engine that Pacemaker runs', async () => {
    const { code, stdout, stderr } = await machine.run(['apt-get', 'remove', '-y', 'lifeboat'], { allowFailure: true });
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain('Pacemaker runs the engine on this controller');
    expect(await says('dpkg-query -W -f "\\${db:Status-Status}" lifeboat')).toBe('installed');
    expect(await daemonPid()).not.toBe(0);
  });

  it('keeps configuration and state over an upgrade, and the old engine runs until it is told', async () => {
    await machine.shell('echo "#mine" >>/etc/default/lifeboatd; echo "#mine" >>/etc/lifeboat/lifeboat.yaml');
    const before = await daemonPid();
    const store = await says('stat -c %i /var/lib/lifeboat/lifeboat.db');
    const output = await typed('README.md', 'apt-get install', 'second');
    expect(output).toContain('pcs resource restart lifeboat');
    expect(await says('dpkg-query -W -f "\\${Version}" lifeboat')).toMatch(/-2$/);
    expect(await daemonPid()).toBe(before);
    await typed('docs/install.md', 'pcs resource restart lifeboat');
    await started();
    expect(await daemonPid()).not.toBe(before);
    expect(await says('stat -c %i /var/lib/lifeboat/lifeboat.db')).toBe(store);
    expect(await says('tail -qn1 /etc/default/lifeboatd /etc/lifeboat/lifeboat.yaml')).toBe('#mine\n#mine');
  });

  it('leaves what the operator and the engine wrote when it is removed', async () => {
    await typed('docs/install.md', 'pcs resource delete lifeboat');
    await typed('docs/install.md', 'apt-get remove');
    expect(await says('ls /usr/sbin/lifeboatd /usr/bin/lifeboat 2>/dev/null')).toBe('');
    expect(await says('ls /var/lib/lifeboat/lifeboat.db /etc/lifeboat/lifeboat.yaml')).toBe(
      '/etc/lifeboat/lifeboat.yaml\n/var/lib/lifeboat/lifeboat.db',
    );
  });

  it('takes all of it when it is purged, and nothing that others use', async () => {
    await typed('docs/install.md', 'apt-get purge');
    const left =
      'find / -xdev -iname "*lifeboat*" -not -path "/proc/*" -not -path "/tmp/*" -not -path "/var/cache/man/*"';
    expect(await says(left)).toBe('');
    expect(await says('ls /etc/openstack')).toBe('clouds.yaml');
  });
});

describe('a compute host that gets Lifeboat from packages', () => {
  it('has the monitor, off; by its unit it notices a process that is killed, and keeps the report while the API is away', async () => {
    await typed('docs/install.md', 'apt-get install -y ./packages/lifeboat-monitor');
    expect(await says('systemctl is-enabled lifeboat-monitor')).toBe('disabled');
    await machine.shell(`printf '[Service]\\nExecStart=/bin/sleep 1000\\n' >/etc/systemd/system/nova-compute.service
      systemctl daemon-reload; systemctl start nova-compute
      printf "api:\\n  addresses: ['http://127.0.0.1:1']\\n  key_file: /etc/lifeboat/monitor.key\\n" >/etc/lifeboat/monitor.yaml`);
    expect(await says('lifeboat-monitor make-key')).toMatch(/ sha256:[0-9a-f]{64}$/m);
    await typed('docs/monitor.md', 'systemctl enable --now lifeboat-monitor');
    expect(await says('systemctl is-active lifeboat-monitor')).toBe('active');
    expect(await says('lifeboat-monitor status')).toContain('blind');
    onTestFailed(async () => {
      process.stderr.write(await says('lifeboat-monitor status; journalctl --no-pager --unit lifeboat-monitor'));
    });
    const killed = Date.now();
    await machine.shell('kill -9 "$(systemctl show --property=MainPID --value nova-compute)"');
    const waiting = async (): Promise<number> => {
      const { waiting: count } = JSON.parse(await says('lifeboat-monitor status --json')) as { waiting: number };
      return count;
    };
    await waitFor('the report', async () => (await waiting()) === 1, { deadlineMs: 30_000, everyMs: 200 });
    console.log(`kill -9 of nova-compute → its report waits: ${Date.now() - killed} ms, with this test's own looks`);
    await machine.shell('systemctl stop lifeboat-monitor; systemctl disable lifeboat-monitor; systemctl reset-failed');
  });

  it('has the gate, and nova-compute is as it was', async () => {
    await machine.shell(`printf "gate:\\n  engines: ['http://127.0.0.1:1']\\n" >/etc/lifeboat/lifeboat.yaml`);
    const { code, stdout, stderr } = await machine.run(['lifeboat', 'gate', 'check'], { allowFailure: true });
    expect(code, stdout + stderr).toBe(1);
    await machine.run(['systemctl', 'start', 'nova-compute']);
    expect(await says('systemctl show --property=SubState nova-compute')).toBe('SubState=running');
    await typed('docs/install.md', 'nova-compute.service.d/10-lifeboat-gate.conf');
    await machine.run(['systemctl', 'restart', '--no-block', 'nova-compute']);
    await waitFor(
      'nova-compute before its gate',
      async () => (await says('systemctl show --property=SubState nova-compute')) === 'SubState=start-pre',
      { deadlineMs: 20_000, everyMs: 300 },
    );
  });
});
