import { allow } from './allow.ts';
import type { Call, Handler } from './context.ts';
import { Fault } from './fault.ts';

/** By alias: name and description, in the original's words. */
const EXTENSIONS: Readonly<Record<string, readonly [name: string, description: string]>> = {
  extensions: ['Extensions', 'Extension information.'],
  notifications: ['Notifications', 'Notifications support.'],
  'os-hosts': ['Hosts', 'Hosts controller'],
  segments: ['Segments', 'Segments Extension.'],
  versions: ['Versions', 'API Version information.'],
  vmoves: ['vmoves', 'vmoves controller'],
};

export const listExtensions: Handler = (call) => {
  allow(call, 'extensions:index');
  return {
    status: 200,
    body: {
      extensions: Object.keys(EXTENSIONS)
        .filter((alias) => isShown(call, alias))
        .map(view),
    },
  };
};

export const showExtension: Handler = (call) => {
  allow(call, 'extensions:detail');
  const alias = call.ids[0] ?? '';
  if (!Object.hasOwn(EXTENSIONS, alias) || !isShown(call, alias)) {
    throw new Fault(404, 'The resource could not be found.');
  }
  return { status: 200, body: { extension: view(alias) } };
};

function isShown({ caller, ports }: Call, alias: string): boolean {
  return ports.policy().allows(`os_masakari_api:${alias}:discoverable`, caller);
}

function view(alias: string): Readonly<Record<string, unknown>> {
  const [name, description] = EXTENSIONS[alias] ?? ['', ''];
  return { name, alias, description, namespace: '', updated: '', links: [] };
}
