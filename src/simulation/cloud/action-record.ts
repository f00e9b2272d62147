import { novaError, type Answer } from './answer.ts';
import type { Guest, GuestAction, World } from './world.ts';

/** Nova writes down each action that its API takes. */
export function recordAction(world: World, guest: Guest, name: string, by?: GuestAction['by']): GuestAction {
  const requestId = `req-${world.randomness.uuid()}`;
  const action: GuestAction = { name, requestId, startedAtMs: world.clock.now(), begun: [], ...(by && { by }) };
  guest.actions.push(action);
  return action;
}

export function conflict(guest: Guest, name: string, attribute: string, state: string): Answer {
  return novaError(409, `Cannot '${name}' instance ${guest.id} while it is in ${attribute} ${state}`);
}
