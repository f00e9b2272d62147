import { LifeboatError } from '../errors.ts';
import { errorOfExitCode } from './exit-code.ts';
import { garbage, requireInteger } from './read-attribute.ts';
import type { XmlElement } from './xml-element.ts';
import { parseXml } from './xml-element.ts';

/**
 * The frame of every answer that Pacemaker 2.0.3 and later give to --output-as=xml: <pacemaker-result> with a <status>
 * that repeats the exit code in words.
 *
 * @throws LifeboatError CRM_GARBAGE; the error that the status stands for when it is not 0
 */
export function parseResult(text: string, source: string): XmlElement {
  const root = parseXml(text, source);
  if (root.name !== 'pacemaker-result') throw garbage(source, `the document is <${root.name.slice(0, 80)}>`);
  const status = childOf(root, 'status');
  if (status === undefined) throw garbage(source, 'no <status>: the answer is cut off');
  const code = requireInteger(status, 'code', source);
  if (code !== 0) {
    const said = errorsIn(status) || (status.attributes.message ?? '');
    throw new LifeboatError(errorOfExitCode(code, said), `${source} failed: ${said.slice(0, 200)} (exit code ${code})`);
  }
  return root;
}

/**
 * The named section. crm_mon 2.1.5 was seen to answer status 0 with nothing but an error inside when it could not read
 * the CIB: that is told apart from garbage.
 */
export function requireSection(root: XmlElement, name: string, source: string): XmlElement {
  const section = childOf(root, name);
  if (section !== undefined) return section;
  const said = errorsIn(childOf(root, 'status'));
  if (said === '') throw garbage(source, `no <${name}>`);
  throw new LifeboatError(errorOfExitCode(CRM_EX_DISCONNECT, said), `${source} failed: ${said.slice(0, 200)}`);
}

const CRM_EX_DISCONNECT = 102;

export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}

/** The first error of <status><errors>, as one line. */
function errorsIn(status: XmlElement | undefined): string {
  const errors = status === undefined ? undefined : childOf(status, 'errors');
  const first = errors?.children.find((child) => child.name === 'error')?.text ?? '';
  return first.split('\n', 1)[0] ?? '';
}
