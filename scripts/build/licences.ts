import { readdirSync, readFileSync } from 'node:fs';

/** The folders of the npm packages that these inputs of a bundle come from, as esbuild names inputs. */
export function packageFolders(inputs: readonly string[]): readonly string[] {
  const folders = inputs.map((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].toSorted();
}

/**
 * What a distributor of the programs has to pass on: Lifeboat's licence in a word, that of every npm package whose code is
 * in a bundle, and that of the Node runtime.
 */
export function copyrightNotice(repository: string, folders: readonly string[], runtimeFolder: string): string {
  return [
    'Lifeboat is free software under the Apache License 2.0. On Debian systems its text is in',
    '/usr/share/common-licenses/Apache-2.0, elsewhere in the file LICENSE of this package.',
    '',
    'Its programs contain the npm packages below, and run on Node.js; each under its own licence.',
    ...folders.flatMap((folder) => packageNotice(repository, folder)),
    '',
    RULE,
    'Node.js (/usr/lib/lifeboat/bin/node)',
    '',
    readFileSync(`${runtimeFolder}/LICENSE`, 'utf8').trimEnd(),
    '',
  ]
    .join('\n')
    .replaceAll('\r', '');
}

const RULE = '-'.repeat(80);

function packageNotice(repository: string, folder: string): readonly string[] {
  const path = `${repository}/${folder}`;
  const {
    name,
    version,
    license = 'not named',
  } = JSON.parse(readFileSync(`${path}/package.json`, 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  const texts = readdirSync(path).filter((file) => /^licen[cs]e(\.|$)/i.test(file));
  const licences = texts.toSorted().map((file) => readFileSync(`${path}/${file}`, 'utf8').trimEnd());
  return ['', RULE, `${name} ${version}, licence: ${license}`, ...licences.flatMap((text) => ['', text])];
}
