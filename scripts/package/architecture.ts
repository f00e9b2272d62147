import { existsSync } from 'node:fs';

/** One machine, as Node, Debian and RPM name it. */
export interface Architecture {
  readonly node: 'x64' | 'arm64';
  readonly deb: string;
  readonly rpm: string;
}

export const ARCHITECTURES: readonly Architecture[] = [
  { node: 'x64', deb: 'amd64', rpm: 'x86_64' },
  { node: 'arm64', deb: 'arm64', rpm: 'aarch64' },
];

/** npm installs the runtime of its own machine only, unless it is told otherwise. */
export function hasRuntime(repository: string, { node }: Architecture): boolean {
  return existsSync(`${repository}/node_modules/node-linux-${node}/bin/node`);
}
