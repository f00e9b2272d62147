import { globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

/**
 * Which part may import which: `cli, daemon, agents → engine → bridge → crm` and `engine → openstack`. Errors and ports
 * are for all. docs/architecture.md shows the same table to readers.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  ports: [],
  version: [],
  crm: ['errors', 'ports'],
  openstack: ['errors', 'ports'],
  bridge: ['crm', 'errors', 'ports'],
  sink: ['bridge', 'openstack', 'errors', 'ports'],
  engine: ['bridge', 'crm', 'openstack', 'errors', 'ports'],
  config: ['errors'],
  edge: ['config', 'ports'],
  control: ['errors', 'ports'],
  api: ['engine', 'errors', 'ports'],
  gate: ['engine', 'openstack', 'errors', 'ports'],
  compute: ['errors', 'ports'],
  masakari: ['engine', 'config', 'errors'],
  daemon: ['api', 'engine', 'sink', 'bridge', 'crm', 'openstack', 'control', 'config', 'errors', 'ports', 'version'],
  monitor: ['compute', 'gate', 'engine', 'openstack', 'control', 'config', 'edge', 'errors', 'ports', 'version'],
  simulation: ['daemon', 'gate', 'engine', 'bridge', 'crm', 'openstack', 'config', 'errors', 'ports'],
  cli: [
    'simulation',
    'daemon',
    'masakari',
    'gate',
    'openstack',
    'control',
    'config',
    'edge',
    'errors',
    'ports',
    'version',
  ],
  agents: ['control', 'config', 'version'],
  'lifeboat-monitor': ['monitor', 'edge', 'errors'],
  lifeboatd: ['daemon', 'engine', 'sink', 'crm', 'openstack', 'config', 'edge', 'errors', 'ports', 'version'],
};

/** Beyond that, as types only: they are gone at run time. */
const MAY_IMPORT_TYPES: Readonly<Record<string, readonly string[]>> = {
  bridge: ['openstack'],
  control: ['bridge', 'engine'],
  api: ['control'],
  agents: ['monitor'],
};

/** Each npm package is known in one place (yaml in four: the configuration, clouds.yaml, scenarios, and process_list.yaml). */
const PACKAGE_HOMES: Readonly<Record<string, readonly string[]>> = {
  axios: ['src/openstack'],
  'dbus-next/lib/marshall-compat.js': ['src/compute/dbus'],
  'dbus-next/lib/message.js': ['src/compute/dbus'],
  fastify: ['src/api'],
  kysely: ['src/engine/store'],
  // Also where another system's database is read, which is none of the store's.
  'mysql2/promise': ['src/engine/store', 'src/masakari/database'],
  pino: ['src/edge'],
  xml2js: ['src/crm'],
  yaml: ['src/config', 'src/openstack', 'src/simulation', 'src/compute/processes'],
  zod: ['src/config'],
};

interface Import {
  readonly from: string;
  readonly specifier: string;
  /** In the repository; undefined for a package or a part of Node. */
  readonly to: string | undefined;
  readonly kind: 'value' | 'type';
  readonly when: 'loading' | 'later';
}

const REPOSITORY = resolve(import.meta.dirname, '../..');
const FILES = globSync('{src,resource-agents}/**/*.ts', { cwd: REPOSITORY });
const IMPORTS = FILES.flatMap(importsOf);

describe('the imports', () => {
  it('are read: every part is there, and nothing leads out of the product', () => {
    expect(new Set(FILES.map(partOf))).toEqual(new Set(Object.keys(MAY_IMPORT)));
    expect(IMPORTS.length).toBeGreaterThan(FILES.length);
    for (const { from, to } of IMPORTS) if (to !== undefined) expect(FILES, from).toContain(to);
  });

  it('point one way', () => {
    const wrong = IMPORTS.filter(({ from, to, kind }) => {
      if (to === undefined || partOf(from) === partOf(to)) return false;
      if (MAY_IMPORT[partOf(from)]?.includes(partOf(to))) return false;
      return kind === 'value' || !MAY_IMPORT_TYPES[partOf(from)]?.includes(partOf(to));
    });
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('make no circle between the parts', () => {
    const seen = new Set<string>();
    const visit = (part: string, path: readonly string[]): void => {
      expect(path, [...path, part].join(' → ')).not.toContain(part);
      if (seen.has(part)) return;
      for (const next of MAY_IMPORT[part] ?? []) visit(next, [...path, part]);
      seen.add(part);
    };
    for (const part of Object.keys(MAY_IMPORT)) visit(part, []);
  });

  it('of types against the direction come from the protocol of the control socket only', () => {
    const against = IMPORTS.filter(({ from, to }) => to !== undefined && partOf(from) === 'control').filter(
      ({ to }) => to !== undefined && MAY_IMPORT_TYPES.control?.includes(partOf(to)),
    );
    expect(against.length).toBeGreaterThan(0);
    expect(new Set(against.map(({ from }) => from))).toEqual(new Set(['src/control/protocol.ts']));
  });

  it.each(['src/lifeboatd.ts', 'src/lifeboat-monitor.ts', 'src/cli/main.ts'])(
    'never name the entry point %s',
    (entry) => {
      expect(IMPORTS.filter(({ to }) => to === entry)).toEqual([]);
    },
  );

  it('name each npm package in its own place only', () => {
    const packages = IMPORTS.filter(({ to, specifier }) => to === undefined && !specifier.startsWith('node:'));
    for (const { from, specifier } of packages) {
      const homes = PACKAGE_HOMES[specifier] ?? [];
      expect(
        homes.some((home) => from.startsWith(`${home}/`)),
        `${from} imports ${specifier}`,
      ).toBe(true);
    }
  });

  it.each(['resource-agents/engine.ts', 'resource-agents/monitor.ts', 'resource-agents/alert.ts'])(
    'load no npm package when %s starts',
    (agent) => {
      const loaded = new Set([agent]);
      for (const file of loaded) {
        for (const { from, to, kind, when, specifier } of IMPORTS) {
          if (from !== file || kind === 'type' || when === 'later') continue;
          if (to === undefined) expect(specifier, from).toMatch(/^node:/);
          else loaded.add(to);
        }
      }
      expect(loaded.size).toBeGreaterThan(1);
    },
  );
});

describe('docs/architecture.md', () => {
  const page = readFileSync(`${REPOSITORY}/docs/architecture.md`, 'utf8');

  it.each(Object.entries(MAY_IMPORT))('names what %s may import', (part, allowed) => {
    const row = page
      .split('\n')
      .find((line) => new RegExp(`^\\| \`[^\`]*\\b${NAMES[part] ?? part}(/|\\.ts)\``).test(line));
    const shown = row?.split('|').at(-2)?.trim() ?? 'no row';
    const listed = shown === 'nothing' ? [] : shown.split(', ').filter((name) => !name.endsWith('(types)'));
    expect(new Set(listed)).toEqual(new Set(allowed));
  });
});

/** Where the name of a part is not the name of its folder or file. */
const NAMES: Readonly<Record<string, string>> = { agents: 'resource-agents' };

/** src/crm/watch.ts → crm, src/errors.ts → errors, resource-agents/alert.ts → agents. */
function partOf(file: string): string {
  const [top, second = ''] = file.split('/');
  return top === 'resource-agents' ? 'agents' : second.replace(/\.ts$/, '');
}

function importsOf(from: string): readonly Import[] {
  const text = readFileSync(`${REPOSITORY}/${from}`, 'utf8');
  const source = ts.createSourceFile(from, text, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  const found: Import[] = [];
  const add = (specifier: ts.Expression | undefined, kind: Import['kind'], when: Import['when']): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    const to = specifier.text.startsWith('.') ? join(dirname(from), specifier.text) : undefined;
    found.push({ from, specifier: specifier.text, to, kind, when });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isOfTypes(node) ? 'type' : 'value', 'loading');
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly ? 'type' : 'value', 'loading');
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], 'value', 'later');
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** `import type …`, or braces with nothing but types in them. */
function isOfTypes({ importClause: clause }: ts.ImportDeclaration): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  if (clause.name !== undefined || named === undefined || !ts.isNamedImports(named)) return false;
  return named.elements.length > 0 && named.elements.every(({ isTypeOnly }) => isTypeOnly);
}
