import { LifeboatError } from '../errors.ts';
import type { XmlElement } from './xml-element.ts';

/**
 * Values of attributes in what Pacemaker's commands answer. All of these throw CRM_GARBAGE and say which attribute of
 * which element is missing or unreadable; `source` is the command.
 */

export function requireText(element: XmlElement, name: string, source: string): string {
  const value = element.attributes[name];
  if (value === undefined) throw garbage(source, `${nameOf(element)} has no attribute ${name}`);
  return value;
}

/** Undefined also when empty: Pacemaker writes attributes that it knows no value for as "". */
export function optionalText(element: XmlElement, name: string): string | undefined {
  return element.attributes[name] || undefined;
}

export function requireFlag(element: XmlElement, name: string, source: string): boolean {
  const flag = flagOf(requireText(element, name, source));
  if (flag === undefined) throw unreadable(element, name, 'true or false', source);
  return flag;
}

/** `absent` is what Pacemaker means by leaving the attribute out. */
export function optionalFlag(element: XmlElement, name: string, absent: boolean, source: string): boolean {
  return element.attributes[name] === undefined ? absent : requireFlag(element, name, source);
}

/** The words that Pacemaker itself takes for true and false. */
function flagOf(text: string): boolean | undefined {
  switch (text.toLowerCase()) {
    case 'true':
    case 'on':
    case 'yes':
    case 'y':
    case '1':
      return true;
    case 'false':
    case 'off':
    case 'no':
    case 'n':
    case '0':
      return false;
    default:
      return undefined;
  }
}

export function requireInteger(element: XmlElement, name: string, source: string): number {
  const text = requireText(element, name, source);
  if (!/^-?\d{1,15}$/.test(text)) throw unreadable(element, name, 'a whole number', source);
  return Number(text);
}

const TIME = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? ?(Z|[+-]\d\d:?\d\d)$/;

/**
 * A moment as crm_mon and stonith_admin write it: "2026-11-22 06:18:17Z"; with a fraction since Pacemaker 2.1.3 where
 * it is known, with an offset where the command did not run in UTC. A time without a zone is refused: guessing it could
 * make an old fencing look new.
 *
 * @returns milliseconds since the epoch
 */
export function requireTime(element: XmlElement, name: string, source: string): number {
  const text = requireText(element, name, source);
  const ms = timeOf(text);
  if (ms === undefined) throw unreadable(element, name, 'a time with its zone', source);
  return ms;
}

function timeOf(text: string): number | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = match;
  const date = `${year}-${month}-${day}`;
  // Date.parse takes the 31st of a short month for the 1st of the next one
  if (new Date(`${date}T00:00:00Z`).getUTCDate() !== Number(day)) return undefined;
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const ms = Date.parse(`${date}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}${offset}`);
  return Number.isNaN(ms) ? undefined : ms;
}

export function unreadable(element: XmlElement, name: string, expected: string, source: string): LifeboatError {
  const value = (element.attributes[name] ?? '').slice(0, 80);
  return garbage(source, `${name}="${value}" of ${nameOf(element)} is not ${expected}`);
}

export function garbage(source: string, problem: string): LifeboatError {
  return new LifeboatError('CRM_GARBAGE', `${source} answered something unreadable: ${problem}`);
}

function nameOf({ name, attributes }: XmlElement): string {
  const id = attributes.name ?? attributes.uname ?? attributes.target ?? attributes.id;
  return id === undefined ? `<${name}>` : `<${name}> "${id.slice(0, 80)}"`;
}
