import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { debChangelog, debControl } from '../../../scripts/package/deb-control.ts';
import { ARCHITECTURES } from '../../../scripts/package/architecture.ts';
import { PACKAGES } from '../../../scripts/package/contents.ts';
import { epochOf, packagerOf, type Release } from '../../../scripts/package/release.ts';

const empty = mkdtempSync(join(tmpdir(), 'lifeboat-release-'));
afterAll(() => {
  rmSync(empty, { recursive: true });
});
const RELEASE: Release = { version: '1.2.3', revision: '4', epoch: 1_790_000_000, packager: 'A <a@b.invalid>' };

describe('the time of a release', () => {
  it('is SOURCE_DATE_EPOCH where that is set', () => {
    expect(epochOf(empty, { SOURCE_DATE_EPOCH: '1790000000' })).toBe(1_790_000_000);
  });

  it.each(['', 'yesterday', '-1', '1.5'])('is refused when it is %j', (given) => {
    expect(() => epochOf(empty, { SOURCE_DATE_EPOCH: given })).toThrow('is no number of seconds');
  });

  it('has to be given where there is no repository to tell it', () => {
    expect(() => epochOf(empty, {})).toThrow('set SOURCE_DATE_EPOCH');
  });
});

describe('what Debian is told of a package', () => {
  it('ties the packages of one build together, and the runtime to its machine', () => {
    const control = PACKAGES.map((contents) =>
      ARCHITECTURES.map((machine) => debControl(contents, RELEASE, machine, 2_000)),
    );
    const [engine, , runtime] = control;
    expect(engine?.[0]).toBe(engine?.[1]);
    expect(engine?.[0]).toMatch(/^Depends: lifeboat-runtime \(= 1\.2\.3-4\), pacemaker, pacemaker-cli-utils$/m);
    expect(runtime?.[1]).toMatch(/^Architecture: arm64$/m);
    expect(runtime?.[1]).toMatch(/^Installed-Size: 2$/m);
  });

  it('keeps to its form: no long line, no empty one, the date as mail writes it', () => {
    for (const contents of PACKAGES) {
      const control = debControl(contents, RELEASE, { node: 'x64', deb: 'amd64', rpm: 'x86_64' }, 1);
      expect(control.trimEnd()).not.toMatch(/\n\n/);
      for (const line of control.split('\n')) expect(line.length, line).toBeLessThan(81);
    }
    expect(debChangelog(RELEASE)).toMatch(/^ -- A <a@b\.invalid> {2}Mon, 21 Sep 2026 14:13:20 \+0000$/m);
  });

  it('names who packages, by the variables of the tools of Debian', () => {
    expect(packagerOf({ DEBFULLNAME: 'A', DEBEMAIL: 'a@b.invalid' })).toBe('A <a@b.invalid>');
    expect(packagerOf({})).toContain('.invalid>');
  });
});
