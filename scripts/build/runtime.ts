import { chmodSync, constants, copyFileSync, existsSync, linkSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** The pinned Node of node_modules, which package-lock.json fixes to the byte. */
export function runtimePath(repository: string, architecture: string): string {
  const path = `${repository}/node_modules/node-linux-${architecture}/bin/node`;
  if (existsSync(path)) return path;
  throw new Error(`${path} is missing: run npm ci (with optional dependencies) on Linux, x64 or arm64`);
}

/** A hard link where the file system allows it, because it is large; else a copy. */
export function installRuntime(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch (error) {
    if (!isErrno(error, ['EXDEV', 'EPERM', 'EMLINK'])) throw error;
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
    chmodSync(to, 0o755);
  }
}

function isErrno(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
