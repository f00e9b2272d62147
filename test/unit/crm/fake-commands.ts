import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

/** A folder of small shell scripts that play Pacemaker's commands. Removed after each test. */
export interface FakeCommands {
  /** For `searchPath`: the fakes first, then what the scripts themselves need. */
  readonly searchPath: string;
  add(name: string, script: string): void;
  /** Prints `stdout` from a file, whatever it holds. */
  answer(name: string, stdout: string, exitCode?: number): void;
  path(name: string): string;
  read(name: string): string;
  /** Waits, at most 5 s of real time, until a script has written the file. */
  written(name: string): Promise<string>;
}

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function fakeCommands(): FakeCommands {
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-fake-'));
  folders.push(folder);
  const path = (name: string): string => join(folder, name);
  const read = (name: string): string => readFileSync(path(name), 'utf8');
  const add = (name: string, script: string): void => {
    writeFileSync(path(name), `#!/bin/sh\nhere='${folder}'\n${script}\n`);
    chmodSync(path(name), 0o755);
  };
  return {
    searchPath: `${folder}:/usr/bin:/bin`,
    path,
    read,
    add,
    answer: (name, stdout, exitCode = 0) => {
      writeFileSync(path(`${name}.stdout`), stdout);
      add(name, `cat "$here/${name}.stdout"; exit ${exitCode}`);
    },
    written: async (name) => {
      const deadline = Date.now() + 5000;
      while (!existsSync(path(name)) || read(name) === '') {
        if (Date.now() > deadline) throw new Error(`${name} was not written`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return read(name);
    },
  };
}
