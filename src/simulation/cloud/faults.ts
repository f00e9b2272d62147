/** The routes that a fault can be laid on; `*` is all of them. */
export type RouteName =
  | 'token'
  | 'version'
  | 'services.list'
  | 'services.update'
  | 'servers.list'
  | 'servers.show'
  | 'migrations.list'
  | 'aggregates'
  | 'placement'
  | 'images.list'
  | 'evacuate'
  /** Every other action on an instance. */
  | 'action';

/** What a simulated engine asks, and all of it: where a scenario may lay a fault. */
export const FAULTY_ROUTES: readonly (RouteName | '*')[] = [
  '*',
  'services.list',
  'services.update',
  'servers.list',
  'servers.show',
  'migrations.list',
  'evacuate',
  'action',
];

/** What happens to a request. */
export type RequestEffect =
  | { readonly kind: 'status'; readonly status: number; readonly message?: string; readonly retryAfterSeconds?: number }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'drop'; readonly when: 'before-executing' | 'after-executing' }
  /** A page of something that is not the API, such as a load balancer. */
  | { readonly kind: 'html'; readonly status: number }
  | { readonly kind: 'body'; readonly body: string }
  | { readonly kind: 'expire-tokens' };

/** What happens to an evacuation that was accepted. */
export type FateEffect =
  | { readonly kind: 'no-valid-host' }
  | { readonly kind: 'never-finishes' }
  | { readonly kind: 'spawn'; readonly ms: number };

export interface FaultSpec {
  /** Only for effects on requests; every route when left out. */
  readonly route?: RouteName | '*';
  readonly effect: RequestEffect | FateEffect;
  /** How often it strikes; until `clearFaults` when left out. */
  readonly times?: number;
  readonly instanceId?: string;
  /** The host in the query, of the service, or of the instance; for a fate: the target, or the source without one. */
  readonly host?: string;
}

export interface FaultBook {
  add(spec: FaultSpec): void;
  clear(): void;
  /** The effects that strike this request, in the order in which they were laid; each is used up by one. */
  take(route: RouteName, instanceId: string | undefined, host: string | undefined): readonly RequestEffect[];
  takeFate<K extends FateEffect['kind']>(
    kind: K,
    instanceId: string,
    host: string | undefined,
  ): Extract<FateEffect, { readonly kind: K }> | undefined;
}

const FATES: readonly string[] = ['no-valid-host', 'never-finishes', 'spawn'] satisfies readonly FateEffect['kind'][];

function isFate(effect: RequestEffect | FateEffect): effect is FateEffect {
  return FATES.includes(effect.kind);
}

export function createFaultBook(): FaultBook {
  let laid: { readonly spec: FaultSpec; left: number }[] = [];

  const strikes = (spec: FaultSpec, instanceId: string | undefined, host: string | undefined): boolean =>
    (spec.instanceId === undefined || spec.instanceId === instanceId) &&
    (spec.host === undefined || spec.host === host);

  const useUp = (fault: { left: number }): void => {
    fault.left -= 1;
    laid = laid.filter((other) => other.left > 0);
  };

  return {
    add(spec) {
      laid.push({ spec, left: spec.times ?? Number.POSITIVE_INFINITY });
    },
    clear() {
      laid = [];
    },
    take(route, instanceId, host) {
      const effects: RequestEffect[] = [];
      for (const fault of [...laid]) {
        const { spec } = fault;
        if (isFate(spec.effect) || ![undefined, '*', route].includes(spec.route)) continue;
        if (!strikes(spec, instanceId, host)) continue;
        effects.push(spec.effect);
        useUp(fault);
      }
      return effects;
    },
    takeFate(kind, instanceId, host) {
      const fault = laid.find(({ spec }) => spec.effect.kind === kind && strikes(spec, instanceId, host));
      if (fault === undefined) return undefined;
      useUp(fault);
      return fault.spec.effect as Extract<FateEffect, { readonly kind: typeof kind }>;
    },
  };
}
