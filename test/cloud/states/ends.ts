import type { NovaServer } from '../support/nova-client.ts';

/** Where and as what an instance is now: `paused on another host`, `active, powering-off on the dead host`. */
export function endOf(server: NovaServer | undefined, deadHost: string): string {
  if (server === undefined) return 'gone';
  return `${shownStateOf(server)} ${placeOf(server.host, deadHost)}`;
}

/** vm_state, and task_state if there is one. */
export function shownStateOf({ vmState, taskState }: NovaServer): string {
  return taskState === undefined ? vmState : `${vmState}, ${taskState}`;
}

function placeOf(host: string | undefined, deadHost: string): string {
  if (host === undefined) return 'on no host';
  return host === deadHost ? 'on the dead host' : 'on another host';
}

/** Takes out what differs from run to run. */
export function neutral(text: string, deadHost: string, hosts: readonly string[]): string {
  const named = hosts.reduce((said, host) => said.replaceAll(host, host === deadHost ? 'HOST' : 'TARGET'), text);
  return named.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID');
}
