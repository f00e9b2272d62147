import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildLayout } from '../../../scripts/build/layout.ts';
import { ownerOf } from '../../../scripts/package/contents.ts';
import { runProgram } from '../../support/run-program.ts';
import { trialInstallation, type TrialInstallation } from '../../support/trial-installation.ts';

const repository = resolve(import.meta.dirname, '../../..');
const daemonEntry = 'test/support/stub-lifeboatd.ts';
const EXECUTABLES = [
  'usr/bin/lifeboat',
  'usr/lib/ocf/resource.d/lifeboat/engine',
  'usr/lib/ocf/resource.d/lifeboat/monitor',
  'usr/sbin/lifeboat-monitor',
  'usr/sbin/lifeboatd',
  'usr/share/pacemaker/alerts/alert_lifeboat',
];

let installation: TrialInstallation;
beforeAll(async () => {
  installation = await trialInstallation(daemonEntry);
}, 60_000);
afterAll(() => {
  installation.remove();
});

function filesOf(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .toSorted();
}

describe('the build', () => {
  it('lays out everything where it is installed', () => {
    expect(filesOf(installation.root)).toEqual([
      'etc/default/lifeboatd',
      'etc/lifeboat/lifeboat.yaml.example',
      'etc/lifeboat/monitor.yaml.example',
      'etc/logrotate.d/lifeboat',
      'usr/bin/lifeboat',
      'usr/lib/lifeboat/bin/node',
      'usr/lib/lifeboat/may-start-alone',
      'usr/lib/ocf/resource.d/lifeboat/engine',
      'usr/lib/ocf/resource.d/lifeboat/monitor',
      'usr/lib/systemd/system/lifeboat-monitor.service',
      'usr/lib/systemd/system/lifeboatd.service',
      'usr/lib/tmpfiles.d/lifeboat.conf',
      'usr/sbin/lifeboat-monitor',
      'usr/sbin/lifeboatd',
      'usr/share/bash-completion/completions/lifeboat',
      'usr/share/bash-completion/completions/lifeboat-monitor',
      'usr/share/doc/lifeboat-monitor/examples/systemd/libvirt-guests.service.d/10-lifeboat-gate.conf',
      'usr/share/doc/lifeboat-monitor/examples/systemd/nova-compute.service.d/10-lifeboat-gate.conf',
      'usr/share/doc/lifeboat/LICENSE',
      'usr/share/doc/lifeboat/configuration.md',
      'usr/share/doc/lifeboat/copyright',
      'usr/share/doc/lifeboat/examples/create-engine.sh',
      'usr/share/doc/lifeboat/examples/create-monitor.sh',
      'usr/share/doc/lifeboat/examples/lifeboat.yaml',
      'usr/share/doc/lifeboat/examples/monitor.yaml',
      'usr/share/doc/lifeboat/monitor-configuration.md',
      'usr/share/man/man5/lifeboat.yaml.5.gz',
      'usr/share/man/man5/monitor.yaml.5.gz',
      'usr/share/man/man7/alert_lifeboat.7.gz',
      'usr/share/man/man7/ocf_lifeboat_engine.7.gz',
      'usr/share/man/man7/ocf_lifeboat_monitor.7.gz',
      'usr/share/man/man8/lifeboat-monitor.8.gz',
      'usr/share/man/man8/lifeboat.8.gz',
      'usr/share/man/man8/lifeboatd.8.gz',
      'usr/share/pacemaker/alerts/alert_lifeboat',
      'usr/share/zsh/vendor-completions/_lifeboat',
      'usr/share/zsh/vendor-completions/_lifeboat-monitor',
    ]);
  });

  it('lays out nothing that is in no package', () => {
    for (const path of filesOf(installation.root)) expect(ownerOf(`/${path}`), path).toMatch(/^lifeboat/);
  });

  it('passes on the licence of every npm package whose code is in a program, and that of Node', () => {
    const notice = readFileSync(join(installation.root, 'usr/share/doc/lifeboat/copyright'), 'utf8');
    for (const name of ['yaml', 'zod', 'Node.js']) expect(notice).toMatch(new RegExp(`^${name} `, 'm'));
    expect(notice).not.toMatch(/^(vitest|esbuild) /m);
  });

  it('makes executables that any user may run', () => {
    for (const path of [...EXECUTABLES, 'usr/lib/lifeboat/bin/node']) {
      const whole = join(installation.root, path);
      accessSync(whole, constants.X_OK);
      expect(statSync(whole).mode & 0o777, path).toBe(0o755);
    }
  });

  it('makes files that every shell reads as a script and Node as a program', async () => {
    for (const path of EXECUTABLES) {
      const whole = join(installation.root, path);
      expect(readFileSync(whole, 'utf8').split('\n')[0]).toBe('#!/bin/sh');
      expect((await runProgram([installation.runtime, '--check', whole])).code).toBe(0);
    }
    for (const shell of ['/bin/sh', '/bin/bash', '/bin/dash'].filter(
      (name) => spawnSync(name, ['-c', ':']).status === 0,
    )) {
      expect(await runProgram([shell, installation.command, 'version'])).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^lifeboat \d+\.\d+\.\d+\n$/) as string,
      });
    }
  });

  it('needs no Node.js on the machine, nor node_modules, nor the repository', async () => {
    const result = await runProgram([installation.command, 'config', 'example'], { PATH: '/nowhere' });
    expect(result.code).toBe(0);
    expect(result.stdout).toBe(readFileSync(join(installation.root, 'etc/lifeboat/lifeboat.yaml.example'), 'utf8'));
    for (const path of EXECUTABLES)
      expect(readFileSync(join(installation.root, path), 'utf8')).not.toContain(repository);
  });

  it('makes the same bytes twice', async () => {
    const hashes: string[][] = [];
    for (let round = 0; round < 2; round += 1) {
      const outDirectory = mkdtempSync(join(tmpdir(), 'lifeboat-build-'));
      await buildLayout({ repository, outDirectory, daemonEntry });
      hashes.push(
        filesOf(outDirectory)
          .filter((path) => !path.endsWith('bin/node'))
          .map(
            (path) =>
              `${path} ${createHash('sha256')
                .update(readFileSync(join(outDirectory, path)))
                .digest('hex')}`,
          ),
      );
      rmSync(outDirectory, { recursive: true });
    }
    expect(hashes[0]).toEqual(hashes[1]);
  });

  it('keeps what costs time to load out of the agents', () => {
    for (const path of EXECUTABLES.filter((name) => /engine|ocf.*monitor|alert/.test(name))) {
      const source = readFileSync(join(installation.root, path), 'utf8');
      expect(source.length, path).toBeLessThan(40_000);
      const required = [...source.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name);
      expect(
        required.filter((name) => !name?.startsWith('node:')),
        path,
      ).toEqual([]);
    }
  });
});
