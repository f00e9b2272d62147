import type { Variable } from '../../src/config/variables.ts';

/** The file of variables that a unit reads, each with what it means, all commented out. */
export function environmentFile(program: string, variables: readonly Variable[]): string {
  const intro = [
    `# Environment of ${program} when systemd starts it (${program}.service). Read by systemd before it gives up root's`,
    '# rights, so it may be readable by root alone. When Pacemaker starts it, the same variables belong into',
    '# /etc/default/pacemaker or /etc/sysconfig/pacemaker, and this file says nothing.',
  ];
  const keys = variables.flatMap(({ name, text, example }) => ['', `# ${text}`, `#${name}=${example}`]);
  return `${[...intro, ...keys].join('\n')}\n`;
}
