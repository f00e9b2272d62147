import { optionalFlag, optionalText, requireInteger } from './read-attribute.ts';
import type { NodeState } from './snapshot.ts';
import type { XmlElement } from './xml-element.ts';
import { parseXml } from './xml-element.ts';

const SOURCE = 'cibadmin';

/**
 * Asks the CIB for the nodes' permanent attributes and for what its status section says of each node, all without
 * children: 0.1 kB for a node instead of some 4 kB. libxml2 answers a union in document order, so each <nvpair> follows
 * its <node>. Used with --no-children.
 */
export const NODE_STATE_XPATH = '//nodes/node|//nodes/node/instance_attributes/nvpair|//node_state';

export interface CibNodes {
  /** By node name. */
  readonly states: ReadonlyMap<string, NodeState>;
  /** Permanent attributes by node name. crm_mon shows those of online nodes only. */
  readonly attributes: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/**
 * Reads the answer to NODE_STATE_XPATH, or a whole CIB. A query that matches nothing ends with exit code 105 and no
 * output: that is not for here.
 *
 * @throws LifeboatError CRM_GARBAGE
 */
export function parseCibNodes(text: string): CibNodes {
  const states = new Map<string, NodeState>();
  const attributes = new Map<string, Map<string, string>>();
  let described: string | undefined;
  for (const element of inDocumentOrder(parseXml(text, SOURCE))) {
    const uname = optionalText(element, 'uname');
    switch (element.name) {
      case 'node':
        described = uname;
        break;
      case 'instance_attributes':
        break;
      case 'nvpair':
        if (described !== undefined) keepAttribute(attributes, described, element);
        break;
      case 'node_state':
        described = undefined;
        // Pacemaker ignores a state without a name as well: it belongs to a peer that has not introduced itself
        if (uname !== undefined) states.set(uname, nodeStateOf(element));
        break;
      default:
        described = undefined;
    }
  }
  return { states, attributes };
}

function* inDocumentOrder(root: XmlElement): Generator<XmlElement> {
  const ahead = [root];
  for (let element = ahead.pop(); element !== undefined; element = ahead.pop()) {
    yield element;
    for (let i = element.children.length - 1; i >= 0; i--) {
      const child = element.children[i];
      if (child !== undefined) ahead.push(child);
    }
  }
}

function keepAttribute(attributes: Map<string, Map<string, string>>, node: string, nvpair: XmlElement): void {
  const { name, value } = nvpair.attributes;
  if (name === undefined || value === undefined) return;
  const known = attributes.get(node) ?? new Map<string, string>();
  attributes.set(node, known.set(name, value));
}

function nodeStateOf(state: XmlElement): NodeState {
  return Object.freeze({
    inMembership: isMember(state),
    fencedAtMs: fencedAt(state),
    crmd: controllerOf(state),
    join: optionalText(state, 'join'),
    expected: optionalText(state, 'expected'),
  });
}

/** Since Pacemaker 2.1.7 in_ccm and crmd hold the second since when, or 0; before, words. */
const SINCE = /^\d+$/;

function isMember(state: XmlElement): boolean {
  if (SINCE.test(state.attributes.in_ccm ?? '')) return requireInteger(state, 'in_ccm', SOURCE) > 0;
  return optionalFlag(state, 'in_ccm', false, SOURCE);
}

function controllerOf(state: XmlElement): string | undefined {
  const crmd = optionalText(state, 'crmd');
  if (crmd === undefined || !SINCE.test(crmd)) return crmd;
  return requireInteger(state, 'crmd', SOURCE) > 0 ? 'online' : 'offline';
}

function fencedAt(state: XmlElement): number | undefined {
  if (optionalText(state, 'node_fenced') === undefined) return undefined;
  const seconds = requireInteger(state, 'node_fenced', SOURCE);
  return seconds > 0 ? seconds * 1000 : undefined;
}
