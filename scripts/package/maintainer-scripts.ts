import { existsSync, readFileSync } from 'node:fs';
import type { PackageName } from './contents.ts';

/** What dpkg and rpm run around an installation, by their own names for it. */
export type DebScript = 'postinst' | 'prerm' | 'postrm';
export type RpmScript = 'post' | 'preun' | 'postun';

export const DEB_SCRIPTS: readonly DebScript[] = ['postinst', 'prerm', 'postrm'];
export const RPM_SCRIPTS: readonly RpmScript[] = ['post', 'preun', 'postun'];

/**
 * A unit is not started and not enabled by an installation: an engine or a monitor without its configuration could only
 * fail. One that the operator has enabled is started again by an upgrade, and stopped by a removal.
 */
const DEB_UNIT: Readonly<Record<DebScript, (unit: string) => string>> = {
  postinst: (unit) => `if [ "$1" = configure ] && [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload >/dev/null || true
    [ -z "$2" ] || deb-systemd-invoke try-restart ${unit} >/dev/null || true
fi`,
  prerm: (unit) => `if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
    deb-systemd-invoke stop ${unit} >/dev/null || true
fi`,
  postrm: (unit) => `if [ "$1" = purge ]; then
    rm -f /etc/systemd/system/multi-user.target.wants/${unit}
fi
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload >/dev/null || true
fi`,
};

const RPM_UNIT: Readonly<Record<RpmScript, (unit: string) => string>> = {
  post: () => 'systemctl daemon-reload >/dev/null 2>&1 || :',
  preun: (unit) => `if [ "$1" -eq 0 ]; then
    systemctl --no-reload disable --now ${unit} >/dev/null 2>&1 || :
fi`,
  postun: (unit) => `systemctl daemon-reload >/dev/null 2>&1 || :
if [ "$1" -ge 1 ]; then
    systemctl try-restart ${unit} >/dev/null 2>&1 || :
fi`,
};

/** The script of the package; undefined when there is nothing for it to do. `paths`: the files of the package. */
export function debScript(
  repository: string,
  name: PackageName,
  script: DebScript,
  paths: readonly string[],
): string | undefined {
  const units = unitsOf(paths).map(DEB_UNIT[script]);
  const own = read(`${repository}/packaging/deb/${name}.${script}`);
  if (own === undefined && units.length === 0) return undefined;
  return filled(repository, own ?? '#!/bin/sh\nset -e\n\n#UNITS#\n\nexit 0\n', units);
}

/** The same for rpm, without a first line: rpm has it run by /bin/sh. */
export function rpmScript(
  repository: string,
  name: PackageName,
  script: RpmScript,
  paths: readonly string[],
): string | undefined {
  const units = unitsOf(paths).map(RPM_UNIT[script]);
  const own = read(`${repository}/packaging/rpm/${name}.${script}`);
  if (own === undefined && units.length === 0) return undefined;
  return filled(repository, own ?? '#UNITS#\n', units);
}

function filled(repository: string, script: string, units: readonly string[]): string {
  const running = readFileSync(`${repository}/packaging/lib/lifeboatd-running.sh`, 'utf8').trimEnd();
  return script.replace('#UNITS#', () => units.join('\n\n')).replace('#RUNNING#', () => running);
}

function unitsOf(paths: readonly string[]): readonly string[] {
  const units = paths.map((path) => /\/systemd\/system\/([\w.@-]+\.service)$/.exec(path)?.[1]);
  return units.filter((unit) => unit !== undefined);
}

function read(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
