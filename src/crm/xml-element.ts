import { Parser } from 'xml2js';
import { LifeboatError } from '../errors.ts';
import { scanPlainXml } from './scan-plain-xml.ts';

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** The element's own text, entities resolved, blanks at both ends removed. */
  readonly text: string;
}

/**
 * Reads one XML document. `source` names the command for the error. What Pacemaker writes is read by the small scanner
 * (a tenth of the time, docs/decisions tells why that matters at 1,000 nodes); everything that the scanner does not know
 * is left to xml2js, which alone decides whether a document is broken.
 *
 * @throws LifeboatError CRM_GARBAGE
 */
export function parseXml(text: string, source: string): XmlElement {
  return scanPlainXml(text) ?? parseWithXml2js(text, source);
}

/** What xml2js makes of an element with the options below. `$$` holds the children in document order. */
interface Xml2jsElement {
  readonly '#name': string;
  readonly $?: Record<string, string>;
  readonly $$?: readonly Xml2jsElement[];
  readonly _?: string;
}

export function parseWithXml2js(text: string, source: string): XmlElement {
  const parser = new Parser({ explicitChildren: true, preserveChildrenOrder: true, explicitRoot: false });
  let root: Xml2jsElement | null | undefined;
  try {
    parser.parseString(text, (error: Error | null, result: Xml2jsElement | null) => {
      if (error !== null) throw error;
      root = result;
    });
  } catch (cause) {
    throw garbage(source, cause instanceof Error ? firstLine(cause.message) : 'not XML', cause);
  }
  if (root === null || root === undefined || typeof root !== 'object') throw garbage(source, 'no XML document');
  return fromXml2js(root);
}

/** Without recursion: the depth of a document is not ours to trust. */
function fromXml2js(root: Xml2jsElement): XmlElement {
  const made = { ...bare(root), children: [] as XmlElement[] };
  const open = [{ from: root, to: made.children }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const child of next.from.$$ ?? []) {
      const element = { ...bare(child), children: [] as XmlElement[] };
      next.to.push(element);
      open.push({ from: child, to: element.children });
    }
  }
  return made;
}

function bare(element: Xml2jsElement): Omit<XmlElement, 'children'> {
  return { name: element['#name'], attributes: element.$ ?? {}, text: (element._ ?? '').trim() };
}

function garbage(source: string, problem: string, cause?: unknown): LifeboatError {
  return new LifeboatError('CRM_GARBAGE', `${source} answered something that is not XML: ${problem}`, { cause });
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.slice(0, 200) ?? '';
}
