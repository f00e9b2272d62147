import { optionalFlag, optionalText, requireFlag, requireText } from './read-attribute.ts';
import type { RemoteConnection } from './snapshot.ts';
import type { XmlElement } from './xml-element.ts';

const AGENT = 'ocf:pacemaker:remote';

/** What may hold resources inside itself. */
const HOLDERS = new Set(['resources', 'group', 'clone', 'bundle', 'replica']);

/**
 * Every connection resource of the <resources> section, wherever it sits, by its id: Pacemaker names the remote node
 * after it. An orphan (its definition is gone, its processes not yet) never hides a resource of the same name.
 */
export function connectionsIn(
  resources: XmlElement | undefined,
  source: string,
): ReadonlyMap<string, RemoteConnection> {
  const connections = new Map<string, RemoteConnection>();
  const ahead = resources === undefined ? [] : [resources];
  for (let holder = ahead.pop(); holder !== undefined; holder = ahead.pop()) {
    for (const element of holder.children) {
      if (HOLDERS.has(element.name)) ahead.push(element);
      if (element.name !== 'resource' || element.attributes.resource_agent !== AGENT) continue;
      const id = requireText(element, 'id', source);
      const isOrphan = optionalFlag(element, 'orphaned', false, source);
      if (isOrphan && connections.has(id)) continue;
      connections.set(id, connectionOf(element, id, source));
    }
  }
  return connections;
}

function connectionOf(resource: XmlElement, id: string, source: string): RemoteConnection {
  return Object.freeze({
    resource: id,
    role: requireText(resource, 'role', source),
    targetRole: optionalText(resource, 'target_role'),
    active: requireFlag(resource, 'active', source),
    failed: requireFlag(resource, 'failed', source),
    managed: requireFlag(resource, 'managed', source),
    blocked: optionalFlag(resource, 'blocked', false, source),
    // since Pacemaker 2.1.6; before, an unmanaged resource is all that shows
    maintenance: optionalFlag(resource, 'maintenance', false, source),
    hostedBy: resource.children.find(({ name }) => name === 'node')?.attributes.name,
  });
}
