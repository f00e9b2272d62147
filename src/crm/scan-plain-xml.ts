import type { XmlElement } from './xml-element.ts';

/**
 * Reads the plain XML that Pacemaker's commands write: elements, attributes in double quotes, text, the five named
 * entities and numeric ones. Answers undefined for anything else, text beside elements and broken documents included:
 * parseXml then asks xml2js.
 * One pass, no recursion, no backtracking.
 */
export function scanPlainXml(text: string): XmlElement | undefined {
  const open: OpenElement[] = [];
  let root: OpenElement | undefined;
  let position = afterDeclaration(text);

  while (position < text.length) {
    const top = open.at(-1);
    const afterBlanks = skipBlanks(text, position);
    const tag = text.indexOf('<', afterBlanks);
    if (tag !== afterBlanks && afterBlanks < text.length) {
      const decoded = decode(text.slice(position, tag === -1 ? undefined : tag));
      if (top === undefined || decoded === undefined || top.children.length > 0) return undefined;
      top.text += decoded;
    }
    if (tag === -1) break;

    if (text.charCodeAt(tag + 1) === SLASH) {
      const end = text.indexOf('>', tag);
      if (end === -1 || top === undefined || text.slice(tag + 2, end).trimEnd() !== top.name) return undefined;
      top.text = top.text.trim();
      open.pop();
      position = end + 1;
      continue;
    }

    const start = scanStartTag(text, tag + 1);
    if (start === undefined) return undefined;
    if (top?.text.trim() === '') top.children.push(start.element);
    else if (top !== undefined) return undefined;
    else if (root === undefined) root = start.element;
    else return undefined;
    if (!start.empty) open.push(start.element);
    position = start.end;
  }
  return open.length === 0 ? root : undefined;
}

interface OpenElement {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: XmlElement[];
  text: string;
}

interface StartTag {
  readonly element: OpenElement;
  readonly empty: boolean;
  readonly end: number;
}

/** From the first character of the name to behind the closing bracket. */
function scanStartTag(text: string, from: number): StartTag | undefined {
  const nameEnd = endOfName(text, from);
  if (nameEnd === from) return undefined;
  const attributes: Record<string, string> = {};
  const element: OpenElement = { name: text.slice(from, nameEnd), attributes, children: [], text: '' };

  let position = nameEnd;
  for (;;) {
    const next = skipBlanks(text, position);
    const code = text.charCodeAt(next);
    if (code === GREATER) return { element, empty: false, end: next + 1 };
    if (code === SLASH && text.charCodeAt(next + 1) === GREATER) return { element, empty: true, end: next + 2 };
    if (next === position) return undefined;

    const equals = endOfName(text, next);
    if (equals === next || text.charCodeAt(equals) !== EQUALS || text.charCodeAt(equals + 1) !== QUOTE)
      return undefined;
    const quote = text.indexOf('"', equals + 2);
    if (quote === -1) return undefined;
    const name = text.slice(next, equals);
    const value = decode(text.slice(equals + 2, quote));
    if (value === undefined || name === '__proto__' || Object.hasOwn(attributes, name)) return undefined;
    attributes[name] = value;
    position = quote + 1;
  }
}

const QUOTE = 0x22;
const SLASH = 0x2f;
const EQUALS = 0x3d;
const GREATER = 0x3e;

function afterDeclaration(text: string): number {
  if (!text.startsWith('<?xml ')) return 0;
  const end = text.indexOf('?>');
  return end === -1 ? 0 : end + 2;
}

/** ASCII letters, digits, `_`, `-` and `.`, beginning with a letter or `_`: all that Pacemaker uses. */
function endOfName(text: string, from: number): number {
  if (!isNameStart(text.charCodeAt(from))) return from;
  let position = from + 1;
  while (isNamePart(text.charCodeAt(position))) position++;
  return position;
}

function isNameStart(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f;
}

function isNamePart(code: number): boolean {
  return isNameStart(code) || (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x2e;
}

function skipBlanks(text: string, from: number): number {
  let position = from;
  while (isBlankCode(text.charCodeAt(position))) position++;
  return position;
}

function isBlankCode(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Undefined when the text holds a bracket, an entity that is not plain, or a character reference to nothing. */
function decode(text: string): string | undefined {
  if (text.includes('<') || text.includes('\0')) return undefined;
  if (!text.includes('&')) return text;
  let plain = true;
  const decoded = text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]{2,4}));|&/g, (_, decimal, hex, name) => {
    const character = entity(decimal as string | undefined, hex as string | undefined, name as string | undefined);
    if (character === undefined) plain = false;
    return character ?? '';
  });
  return plain ? decoded : undefined;
}

function entity(decimal?: string, hex?: string, name?: string): string | undefined {
  if (name !== undefined) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
  const code = decimal !== undefined ? Number(decimal) : hex !== undefined ? Number.parseInt(hex, 16) : 0;
  const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : undefined;
}
