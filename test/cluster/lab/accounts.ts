import { chownSync, readFileSync } from 'node:fs';
import { LabError } from './lab-error.ts';

export const CLUSTER_ACCOUNT = 'hacluster:haclient';

/** Gives `path` to `user:group` of this machine. Throws LabError `bad-argument` for a name it does not know. */
export function giveTo(path: string, owner: string): void {
  const [user = '', group = ''] = owner.split(':');
  chownSync(path, idOf('/etc/passwd', user), idOf('/etc/group', group));
}

function idOf(file: string, name: string): number {
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .find((entry) => entry.split(':')[0] === name);
  const id = line?.split(':')[2];
  if (id === undefined) throw new LabError('bad-argument', `"${name}" is not in ${file}`);
  return Number(id);
}
