import { parseArgs } from 'node:util';
import { socketPath } from '../config/paths.ts';
import { SCHEMA_NAMES, type SchemaName } from '../masakari/database/schema.ts';

export interface ImportCommand {
  readonly verb: 'import masakari';
  /** masakari.conf, and others after it; at least one. */
  readonly files: readonly string[];
  readonly folders: readonly string[];
  /** lifeboat.yaml; undefined: where it usually is. */
  readonly config: string | undefined;
  readonly mode: 'dry-run' | 'apply' | 'apply-though-running';
  readonly form: 'table' | 'json';
  readonly socket: string;
}

export interface ExportCommand {
  readonly verb: 'export masakari';
  /** A folder, which is made. */
  readonly to: string;
  readonly schema: SchemaName;
  readonly config: string | undefined;
}

const USUAL_CONF = '/etc/masakari/masakari.conf';

interface Misuse {
  readonly verb: 'misuse';
  readonly reason: string;
}

/** `words` after `import`. */
export function parseImport(words: readonly string[]): ImportCommand | { readonly verb: 'help' } | Misuse {
  try {
    const { positionals, values } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        conf: { type: 'string', multiple: true },
        'config-dir': { type: 'string', multiple: true },
        config: { type: 'string' },
        apply: { type: 'boolean' },
        'even-if-running': { type: 'boolean' },
        json: { type: 'boolean' },
        socket: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return { verb: 'help' };
    const wrong = wrongSystem('import', positionals);
    if (wrong !== undefined) return wrong;
    if (values['even-if-running'] === true && values.apply !== true)
      return misuse('--even-if-running goes with --apply only');
    return {
      verb: 'import masakari',
      files: values.conf ?? [USUAL_CONF],
      folders: values['config-dir'] ?? [],
      config: values.config,
      mode: values.apply !== true ? 'dry-run' : values['even-if-running'] === true ? 'apply-though-running' : 'apply',
      form: values.json === true ? 'json' : 'table',
      socket: values.socket ?? socketPath(),
    };
  } catch (error) {
    return misuse(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error));
  }
}

/** `words` after `export`. */
export function parseExport(words: readonly string[]): ExportCommand | { readonly verb: 'help' } | Misuse {
  try {
    const { positionals, values } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        to: { type: 'string' },
        schema: { type: 'string' },
        config: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return { verb: 'help' };
    const wrong = wrongSystem('export', positionals);
    if (wrong !== undefined) return wrong;
    if (values.to === undefined) return misuse('export masakari goes with --to and a folder');
    const schema = SCHEMA_NAMES.find((name) => name === (values.schema ?? '2025.2'));
    if (schema === undefined) return misuse(`--schema goes with ${SCHEMA_NAMES.join(', ')}`);
    return { verb: 'export masakari', to: values.to, schema, config: values.config };
  } catch (error) {
    return misuse(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error));
  }
}

function wrongSystem(verb: string, [system, another]: readonly string[]): Misuse | undefined {
  if (system !== 'masakari') return misuse(`${verb} goes with masakari`);
  return another === undefined ? undefined : misuse(`what is ${another}?`);
}

function misuse(reason: string): Misuse {
  return { verb: 'misuse', reason };
}
