import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildLayout } from '../../../scripts/build/layout.ts';
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
      'etc/lifeboat/lifeboat.yaml.example',
      'etc/lifeboat/monitor.yaml.example',
      'usr/bin/lifeboat',
      'usr/lib/lifeboat/bin/node',
      'usr/lib/ocf/resource.d/lifeboat/engine',
      'usr/lib/ocf/resource.d/lifeboat/monitor',
      'usr/sbin/lifeboat-monitor',
      'usr/sbin/lifeboatd',
      'usr/share/doc/lifeboat/LICENSE',
      'usr/share/doc/lifeboat/configuration.md',
      'usr/share/doc/lifeboat/examples/create-engine.sh',
      'usr/share/doc/lifeboat/examples/create-monitor.sh',
      'usr/share/doc/lifeboat/examples/lifeboat.yaml',
      'usr/share/doc/lifeboat/examples/monitor.yaml',
      'usr/share/doc/lifeboat/examples/systemd/libvirt-guests.service.d/10-lifeboat-gate.conf',
      'usr/share/doc/lifeboat/examples/systemd/lifeboat-monitor.service',
      'usr/share/doc/lifeboat/examples/systemd/nova-compute.service.d/10-lifeboat-gate.conf',
      'usr/share/doc/lifeboat/monitor-configuration.md',
      'usr/share/pacemaker/alerts/alert_lifeboat',
    ]);
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
