import { execFileSync } from 'node:child_process';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The numbers behind a user and a group, from whatever name service the node uses; or which of them is missing. */
export function findAccount(user: string, group: string): Account | { readonly missing: string } {
  const uid = lookUp('passwd', user);
  if (uid === undefined) return { missing: `user ${user}` };
  const gid = lookUp('group', group);
  if (gid === undefined) return { missing: `group ${group}` };
  return { uid, gid };
}

function lookUp(database: 'passwd' | 'group', name: string): number | undefined {
  try {
    const entry = execFileSync('getent', ['--', database, name], { encoding: 'utf8', timeout: 5_000, stdio: 'pipe' });
    const id = Number(entry.split(':')[2]);
    return Number.isInteger(id) ? id : undefined;
  } catch {
    return undefined;
  }
}
