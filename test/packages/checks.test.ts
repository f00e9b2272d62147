import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../cluster/lab/host-command.ts';
import { built, REPOSITORY } from './built.ts';

const work = mkdtempSync(join(tmpdir(), 'lifeboat-checks-'));
const packages = join(work, 'packages');
const PATIENCE = { timeoutMs: 240_000, allowFailure: true };

beforeAll(async () => {
  await built(packages, '1', ['deb', 'rpm']);
});
afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

function packagesEndingIn(ending: string): readonly string[] {
  const paths = readdirSync(packages).filter((name) => name.endsWith(ending));
  expect(paths).toHaveLength(3);
  return paths.toSorted().map((name) => join(packages, name));
}

function sums(folder: string): readonly string[] {
  const sum = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
  return readdirSync(folder)
    .toSorted()
    .map((name) => `${name} ${sum(name)}`);
}

describe('the packages', () => {
  it('are the same to the byte when they are made again', async () => {
    const again = join(work, 'again');
    await built(again, '1', ['deb', 'rpm']);
    expect(sums(again)).toEqual(sums(packages));
  });

  it('give lintian nothing to say, and have no override that it does not need', async () => {
    // Lintian of Debian 12 does not know the compression that the quick build takes; dpkg of Debian 12 does.
    const options = ['--display-info', '--pedantic', '--suppress-tags', 'malformed-deb-archive'];
    const lintian = ['lintian', '--allow-root', '--tag-display-limit', '0', ...options];
    const { stdout } = await runCommand([...lintian, ...packagesEndingIn('.deb')], PATIENCE);
    // Of the level "info" the rest is what it takes for shell in our bundles, which begin with two lines of it.
    const said = stdout.split('\n').filter((line) => /^[EWP]: |^I: \S+: (unused|mismatched)-override/.test(line));
    expect(said).toEqual([]);
  });

  it('give rpmlint nothing to say', async () => {
    const config = `${REPOSITORY}/packaging/rpm/rpmlint.toml`;
    const { stdout } = await runCommand(['rpmlint', '-c', config, ...packagesEndingIn('.rpm')], PATIENCE);
    expect(stdout).toMatch(/3 packages and 0 specfiles checked; 0 errors, 0 warnings/);
  });

  it('lay out the same with rpm as with dpkg, but for what the distributions call otherwise', async () => {
    const [byRpm, byDeb] = [join(work, 'rpm'), join(work, 'deb')];
    mkdirSync(byRpm);
    const rpm = ['rpm', '--root', byRpm, '--dbpath', '/rpmdb'];
    const options = ['--nodeps', '--noscripts', '--nosignature'];
    await runCommand([...rpm, '--install', ...options, ...packagesEndingIn('.rpm')], { timeoutMs: 120_000 });
    for (const deb of packagesEndingIn('.deb')) await runCommand(['dpkg-deb', '-x', deb, byDeb]);

    const debs = filesBelow(byDeb).filter((path) => !/changelog\.Debian|lintian/.test(path));
    const expected = debs.map((path) =>
      path.replace('/etc/default/', '/etc/sysconfig/').replace('/zsh/vendor-completions/', '/zsh/site-functions/'),
    );
    const rpms = filesBelow(byRpm).filter((path) => !path.startsWith('/rpmdb/') && !path.endsWith('/LICENSE'));
    expect(rpms).toEqual(expected.toSorted());
    const { stdout } = await runCommand([...rpm, '--verify', '--nodeps', '--all'], PATIENCE);
    expect(stdout).toBe('');
  });
});

function filesBelow(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .toSorted();
}
