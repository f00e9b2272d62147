import { configFromText } from '../../config/load.ts';
import { isLifeboatError } from '../../errors.ts';
import type { Conf } from '../conf/conf.ts';
import type { Value } from './convert.ts';
import { COUNTERPARTS, WITHOUT, type Counterpart } from './counterparts.ts';

/** What masakari.conf gives, in the words of lifeboat.yaml. */
export interface Translation {
  /** In the order of the keys' sections. */
  readonly taken: readonly Taken[];
  readonly left: readonly { readonly option: string; readonly reason: string }[];
}

export interface Taken {
  readonly option: string;
  readonly key: string;
  readonly value: Value;
  readonly note: string | undefined;
}

/** Read, and so neither taken over nor left. */
const DATABASE = 'database.connection';

/** Values are named only where they have a counterpart: what has none may be a secret. Throws MASAKARI_CONF_INVALID. */
export function translate(conf: Conf): Translation {
  const taken: Taken[] = [];
  const left: { option: string; reason: string }[] = [];
  for (const option of conf.names.toSorted()) {
    if (option === DATABASE) continue;
    const counterpart = COUNTERPARTS.find((each) => each.option === option);
    if (counterpart === undefined) {
      left.push({ option, reason: reasonOf(option) });
      continue;
    }
    const { key, note } = counterpart;
    const converted = counterpart.convert((conf.get(option) ?? '').trim());
    if (converted.kind === 'left') {
      left.push({ option, reason: `${key} is not set from it: ${converted.reason}` });
    } else if (taken.some((each) => each.key === key)) {
      left.push({ option, reason: `${key} is set already, from another option` });
    } else if (isRefused(counterpart, converted.value)) {
      left.push({ option, reason: `${key} does not take ${JSON.stringify(converted.value)}` });
    } else {
      taken.push({ option, key, value: converted.value, note });
    }
  }
  return { taken: taken.toSorted((a, b) => (a.key < b.key ? -1 : 1)), left };
}

/** Of the whole, a piece of lifeboat.yaml. Empty: every value is the usual one. */
export function fragmentOf(taken: readonly Pick<Taken, 'key' | 'value'>[]): string {
  const bySection = Map.groupBy(taken, ({ key }) => key.slice(0, key.indexOf('.')));
  return [...bySection]
    .map(([section, keys]) => {
      const lines = keys.map(({ key, value }) => `  ${key.slice(section.length + 1)}: ${written(value)}`);
      return `${section}:\n${lines.join('\n')}\n`;
    })
    .join('');
}

/** JSON is YAML; what reads well without quotes goes without. */
function written(value: Value): string {
  return typeof value === 'string' &&
    /^[a-z_/][\w/.-]*$|^\d+(ms|s|m|h|d)$/i.test(value) &&
    !/^(true|false|yes|no|on|off|null)$/i.test(value)
    ? value
    : JSON.stringify(value);
}

function reasonOf(option: string): string {
  return WITHOUT.find((each) => fits(each.option, option))?.reason ?? '';
}

function fits(pattern: string, option: string): boolean {
  const source = pattern.split('*').map((piece) => piece.replaceAll('.', '\\.'));
  return new RegExp(`^${source.join('.*')}$`).test(option);
}

/** One half of the certificate is refused without the other, and that is for the whole file to say. */
function isRefused({ key }: Counterpart, value: Value): boolean {
  if (key === 'api.tls_cert' || key === 'api.tls_key') return false;
  try {
    configFromText(fragmentOf([{ key, value }]), 'lifeboat.yaml');
    return false;
  } catch (error) {
    if (isLifeboatError(error, 'CONFIG_INVALID')) return true;
    throw error;
  }
}
