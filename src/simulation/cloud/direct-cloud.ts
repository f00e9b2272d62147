import { LifeboatError } from '../../errors.ts';
import type { Cloud, ComputeService, InstanceAction } from '../../openstack/cloud.ts';
import { refusalError, transportError } from '../../openstack/failure.ts';
import { readService } from '../../openstack/nova-rows.ts';
import { unlessAborted } from '../../openstack/unless-aborted.ts';
import { actOn } from './actions.ts';
import { novaError, type Answer } from './answer.ts';
import { evacuate } from './evacuation.ts';
import type { RequestEffect, RouteName } from './faults.ts';
import { evacuationOf, instanceOf, lastActionOf, serviceOf } from './plain-values.ts';
import { updateService } from './service-update.ts';
import type { Guest, World } from './world.ts';

export interface DirectCloudPorts {
  readonly world: World;
  /** How long one request takes, there and back. */
  readonly latencyMs: () => number;
  /** The client gives up after this long; Nova may carry it out all the same. */
  readonly requestTimeoutMs: number;
  /** Brings an answer to the caller, who may be dead by then. */
  readonly deliver: (task: () => void) => void;
}

/** What one request is about: by this a fault finds it. */
interface Request {
  readonly what: string;
  readonly route: RouteName;
  readonly instanceId?: string;
  readonly host?: string | undefined;
}

/** The newest microversion whose rules the direct calls follow. */
const MICROVERSION = 2090;

/**
 * The emulated Nova without HTTP: the same world, with the values and errors that the real client makes of its answers.
 * The contract suite holds both alike (test/contract). It does not repeat a read that failed, as the real client does: a
 * fault laid here is one that outlived the repeats.
 */
export function directCloud(ports: DirectCloudPorts): Cloud {
  const { world } = ports;
  const ask = <T>(request: Request, execute: () => T | Promise<T>, signal?: AbortSignal): Promise<T> =>
    unlessAborted(send(ports, request, execute), signal);
  const put = (what: string, id: string, body: object, signal?: AbortSignal): Promise<ComputeService> => {
    const host = [...world.hosts.values()].find(({ serviceId }) => serviceId === id)?.name;
    return ask({ what, route: 'services.update', host }, () => update(world, what, id, body), signal);
  };
  const about = (id: string): Pick<Request, 'instanceId' | 'host'> => ({
    instanceId: id,
    host: world.guests.get(id)?.host ?? undefined,
  });
  return {
    computeServices: (signal) =>
      ask(
        { what: 'list compute services', route: 'services.list' },
        () => [...world.hosts.values()].map((host) => serviceOf(world, host)),
        signal,
      ),
    setForcedDown: (id, forcedDown, signal) =>
      put(`set forced_down of service ${id} to ${forcedDown}`, id, { forced_down: forcedDown }, signal),
    disableService: (id, reason, signal) => {
      const cut = cutReason(reason);
      const body = { status: 'disabled', ...(cut === '' ? {} : { disabled_reason: cut }) };
      return put(`disable service ${id}`, id, body, signal);
    },
    enableService: (id, signal) => put(`enable service ${id}`, id, { status: 'enabled' }, signal),
    instancesOn: (host, signal, changedSinceMs = 0) =>
      ask(
        { what: `list instances on ${host}`, route: 'servers.list', host },
        () => {
          const sinceMs = wholeSecond(changedSinceMs);
          return guestsOn(world, host)
            .filter((guest) => wholeSecond(guest.updatedAtMs) >= sinceMs)
            .sort((a, b) => b.createdAtMs - a.createdAtMs || b.number - a.number)
            .map(instanceOf);
        },
        signal,
      ),
    instance: (id, signal) =>
      ask(
        { what: `show instance ${id}`, route: 'servers.show', ...about(id) },
        () => {
          const guest = world.guests.get(id);
          return guest && instanceOf(guest);
        },
        signal,
      ),
    evacuationsFrom: (host, sinceMs, signal) =>
      ask(
        { what: `list evacuations from ${host}`, route: 'migrations.list', host },
        () => {
          const wanted = host.toLowerCase();
          return world.migrations
            .filter(({ type }) => type === 'evacuation')
            .filter(({ sourceHost }) => sourceHost === host || sourceHost.toLowerCase() === wanted)
            .filter(({ updatedAtMs }) => sinceMs === undefined || isSince(updatedAtMs, sinceMs))
            .map((migration) => evacuationOf(world, migration))
            .sort((a, b) => b.createdAtMs - a.createdAtMs || Number(b.id) - Number(a.id));
        },
        signal,
      ),
    evacuate: (id, target, signal) => {
      const what = `evacuate instance ${id}${target === undefined ? '' : ` to ${target}`}`;
      return ask(
        { what, route: 'evacuate', ...about(id) },
        () => {
          const refusal = evacuate(world, guestOf(world, what, id), target);
          if (refusal !== undefined) throw refused(what, novaError(refusal.status, refusal.message));
        },
        signal,
      );
    },
    resetState: (id, signal) => act(`reset the state of instance ${id}`, id, 'os-resetState', signal),
    act: (id, action, signal) => act(`${action} instance ${id}`, id, KEYS[action], signal),
    lastAction: (id, signal) =>
      ask(
        { what: `list the actions of instance ${id}`, route: 'servers.show', ...about(id) },
        () => {
          const guest = world.guests.get(id);
          return guest && lastActionOf(world, guest);
        },
        signal,
      ),
  };

  function act(what: string, id: string, key: string, signal: AbortSignal | undefined): Promise<void> {
    return ask(
      { what, route: 'action', ...about(id) },
      () => {
        const answer = actOn(world, guestOf(world, what, id), { [key]: null });
        if (answer !== undefined && answer.status >= 400) throw refused(what, answer);
      },
      signal,
    );
  }
}

const KEYS: Readonly<Record<InstanceAction, string>> = {
  start: 'os-start',
  stop: 'os-stop',
  pause: 'pause',
  suspend: 'suspend',
  rescue: 'rescue',
  migrate: 'migrate',
  'confirm-resize': 'confirmResize',
};

/** The request goes out, is carried out after half the time, and its answer comes after the other half. */
function send<T>(ports: DirectCloudPorts, request: Request, execute: () => T | Promise<T>): Promise<T> {
  const { deliver, latencyMs, requestTimeoutMs, world } = ports;
  const halfMs = latencyMs() / 2;
  return new Promise<T>((resolve, reject) => {
    const answer = (settle: () => void): void => {
      world.clock.schedule(halfMs, () => {
        deliver(settle);
      });
    };
    const fail = (error: unknown): void => {
      answer(() => {
        reject(error instanceof Error ? error : new Error(String(error)));
      });
    };
    const carryOut = (isHeard: boolean): void => {
      new Promise<T>((fulfil) => {
        fulfil(execute());
      }).then(
        (value) => {
          if (isHeard) answer(() => resolve(value));
          else fail(transportError(request.what, 'ECONNRESET'));
        },
        (error: unknown) => fail(isHeard ? error : transportError(request.what, 'ECONNRESET')),
      );
    };
    world.clock.schedule(halfMs, () => {
      const effects = world.faults.take(request.route, request.instanceId, request.host);
      const delayMs = effects.reduce((sum, effect) => sum + (effect.kind === 'delay' ? effect.ms : 0), 0);
      const after = (): void => {
        const instead = effects.find(({ kind }) => kind !== 'delay' && kind !== 'expire-tokens');
        if (instead === undefined) carryOut(true);
        else if (instead.kind === 'drop' && instead.when === 'after-executing') carryOut(false);
        else fail(errorOf(request.what, instead));
      };
      if (delayMs === 0) {
        after();
        return;
      }
      world.clock.schedule(delayMs, after);
      if (delayMs < requestTimeoutMs) return;
      world.clock.schedule(requestTimeoutMs, () => {
        fail(new LifeboatError('CLOUD_TIMED_OUT', `${request.what}: no answer within ${requestTimeoutMs} ms`));
      });
    });
  });
}

function errorOf(what: string, effect: RequestEffect): LifeboatError {
  switch (effect.kind) {
    case 'status':
      return refused(what, novaError(effect.status, effect.message ?? 'a fault laid by the scenario'));
    case 'drop':
      return transportError(what, 'ECONNRESET');
    case 'html':
    case 'body':
    case 'delay':
    case 'expire-tokens':
      return new LifeboatError('CLOUD_GARBAGE', `${what}: the answer is not JSON`);
  }
}

function refused(what: string, { body, status }: Answer): LifeboatError {
  return refusalError(what, { status, body, headers: {}, form: 'json' }, []);
}

async function update(world: World, what: string, id: string, body: object): Promise<ComputeService> {
  const answer = await updateService(world, id, body, MICROVERSION);
  if (answer.status !== 200) throw refused(what, answer);
  const { service } = answer.body as { readonly service: Readonly<Record<string, unknown>> };
  return readService(service, what);
}

function guestOf(world: World, what: string, id: string): Guest {
  const guest = world.guests.get(id);
  if (guest === undefined) throw refused(what, novaError(404, `Instance ${id} could not be found.`));
  return guest;
}

/** Nova's database compares the names of hosts without regard to case. */
function guestsOn(world: World, host: string): Guest[] {
  const wanted = host.toLowerCase();
  return [...world.guests.values()].filter((guest) => guest.host === host || guest.host?.toLowerCase() === wanted);
}

/** A record that was never updated has no updated_at, and changes-since leaves it out. */
function isSince(updatedAtMs: number | undefined, sinceMs: number): boolean {
  return updatedAtMs !== undefined && wholeSecond(updatedAtMs) >= wholeSecond(sinceMs);
}

function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

/** As the real client does. */
function cutReason(reason: string): string {
  const points = [...reason.trim()];
  return points.length <= 255 ? points.join('') : `${points.slice(0, 254).join('')}…`;
}
