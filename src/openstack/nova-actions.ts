import { isLifeboatError } from '../errors.ts';
import type { InstanceAction, RecordedAction } from './cloud.ts';
import type { NovaCalls } from './nova-calls.ts';
import { isRow, objectAt, optionalTextAt, rowsAt, stampAt, textAt } from './rows.ts';
import type { Row } from './rows.ts';

/** The body of each action. Rescue without an image takes the instance's own. */
const BODIES: Readonly<Record<InstanceAction, object>> = {
  start: { 'os-start': null },
  stop: { 'os-stop': null },
  pause: { pause: null },
  suspend: { suspend: null },
  rescue: { rescue: {} },
  migrate: { migrate: null },
  'confirm-resize': { confirmResize: null },
};

export function resetState(nova: NovaCalls, instanceId: string, signal?: AbortSignal): Promise<void> {
  const body = { 'os-resetState': { state: 'error' } };
  return post(nova, `reset the state of instance ${instanceId}`, instanceId, body, signal);
}

/** The answer to a rescue holds its password: it is not read. */
export function act(nova: NovaCalls, instanceId: string, action: InstanceAction, signal?: AbortSignal): Promise<void> {
  return post(nova, `${action} instance ${instanceId}`, instanceId, BODIES[action], signal);
}

async function post(nova: NovaCalls, what: string, id: string, body: object, signal?: AbortSignal): Promise<void> {
  const path = `/servers/${encodeURIComponent(id)}/action`;
  await nova.call({ what, method: 'POST', path, body, signal, repeats: 'once' });
}

/** Written down by Nova's API itself; none of them goes to a compute host. */
const OF_THE_API: ReadonlySet<string> = new Set(['lock', 'unlock', 'resetState']);

export async function lastAction(
  nova: NovaCalls,
  instanceId: string,
  signal?: AbortSignal,
): Promise<RecordedAction | undefined> {
  const what = `list the actions of instance ${instanceId}`;
  const path = `/servers/${encodeURIComponent(instanceId)}/os-instance-actions`;
  try {
    const list = await nova.call({ what, method: 'GET', path, signal, repeats: 'safely' });
    // Newest first.
    const newest = rowsAt(list.body, 'instanceActions', what).find(
      (row) => !OF_THE_API.has(textAt(row, 'action', what)),
    );
    if (newest === undefined) return undefined;
    const request = textAt(newest, 'request_id', what);
    const one = { what, method: 'GET', path: `${path}/${encodeURIComponent(request)}`, signal } as const;
    const { body } = await nova.call({ ...one, repeats: 'safely' });
    const action = objectAt(body, 'instanceAction', what);
    const userId = optionalTextAt(action, 'user_id', what);
    return {
      requestId: request,
      name: textAt(action, 'action', what),
      atMs: stampAt(action, 'start_time', what),
      userId,
      isOwn: userId !== undefined && userId === (await nova.userId(signal)),
      failure: failureIn(action, what),
      begun: begunOn(action, what),
    };
  } catch (error) {
    if (isLifeboatError(error, 'CLOUD_NOT_FOUND')) return undefined;
    throw error;
  }
}

/** Of the newest event that has failed; its details are shown from 2.84 on, before that the action says no more than "Error". */
function failureIn(action: Row, what: string): string | undefined {
  const events = Array.isArray(action.events) ? rowsAt(action, 'events', what) : [];
  const failed = events.find(({ result }) => result === 'Error');
  const details = failed?.details ?? action.message;
  return typeof details === 'string' && details !== '' ? details : failed && 'Nova does not say what';
}

/** Nova's computes call their events compute_…; the host is shown from 2.62 on. */
function begunOn(action: Row, what: string): RecordedAction['begun'] {
  if (!Array.isArray(action.events)) return undefined;
  return rowsAt(action, 'events', what)
    .filter(isRow)
    .map((row) => ({
      event: textAt(row, 'event', what),
      host: row.host === undefined ? undefined : optionalTextAt(row, 'host', what),
    }))
    .filter(({ event }) => event.startsWith('compute_'));
}
