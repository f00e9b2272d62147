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
 * (xml2js alone needs more time for 1,000 nodes than a whole snapshot may take); everything that the scanner does not
 * know is left to xml2js, which alone decides whether a document is broken.
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

/** By events, not by its callback: after the first root element that one hides whatever else the document holds. */
export function parseWithXml2js(text: string, source: string): XmlElement {
  const parser = new Parser({ explicitChildren: true, preserveChildrenOrder: true, explicitRoot: false });
  const roots: unknown[] = [];
  const problems: unknown[] = [];
  parser.on('end', (root: unknown) => roots.push(root));
  parser.on('error', (problem: unknown) => problems.push(problem));
  try {
    parser.parseString(text);
  } catch (problem) {
    problems.push(problem);
  }
  if (problems.length > 0) throw garbage(source, firstLine(problems[0]), problems[0]);
  const [root] = roots;
  if (roots.length !== 1 || typeof root !== 'object' || root === null) {
    throw garbage(source, roots.length > 1 ? 'several XML documents' : 'no XML document');
  }
  return fromXml2js(root as Xml2jsElement);
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

function firstLine(problem: unknown): string {
  const text = problem instanceof Error ? problem.message : String(problem);
  return text.split('\n', 1)[0]?.slice(0, 200) ?? '';
}
