import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { RouteCount } from '../../cloud/proxy/proxy.ts';
import { countRoutes } from '../../cloud/proxy/traffic.ts';
import { messageOf } from '../../../src/errors.ts';
import type { ContenderName, Memory, Stage, StartContender } from './contender.ts';
import { milestonesOf, type Milestones } from './milestones.ts';
import { populate } from './populate.ts';
import { evacuatedTwice, watchInstances } from './watch-instances.ts';

/** One failure of one host, recovered by one contender. */
export interface Trial {
  readonly contender: ContenderName;
  readonly instances: number;
  readonly recovered: number;
  readonly evacuatedTwice: number;
  readonly seconds: Milestones;
  /** To Nova, from the failure until the contender says that it is over. */
  readonly novaCalls: number;
  readonly routes: readonly RouteCount[];
  /** The same one by one, for whoever asks where the time went. */
  readonly traffic: readonly TimedCall[];
  /** That Keystone issued to the contender, its login before the failure included. */
  readonly tokens: number;
  readonly memory: Memory | null;
  /** Over the last minute, before the failure. */
  readonly load: number;
  /** Why the contender did not come to an end of its own. */
  readonly problem: string | null;
}

export interface TimedCall {
  readonly route: string;
  readonly status: number;
  /** Seconds since the failure until it was sent. */
  readonly at: number;
  readonly tookMs: number;
}

export interface TrialOptions {
  readonly name: ContenderName;
  readonly start: StartContender;
  readonly instances: number;
  /** Milliseconds until what does not run is counted as lost. */
  readonly withinMs: number;
}

/** A contender may still count what it has done when the last instance already runs. */
const TELL_MS = 60_000;
/** What booting the instances and starting the contender leaves to do is done by then: Nova's and the contender's polls. */
const REST_MS = 5_000;

export async function runTrial(stage: Stage, { name, start, instances, withinMs }: TrialOptions): Promise<Trial> {
  const { cloud, proxy, victim } = stage;
  const ids = await populate(stage, instances);
  proxy.reset();
  const session = await start(stage);
  try {
    await pause(REST_MS);
    await session.beforeFailure?.();
    const [load = Number.NaN] = loadavg();
    await cloud.killCompute(victim);
    const failedAtMs = performance.now();
    const patience = AbortSignal.timeout(withinMs);
    const enough = new AbortController();
    let toldAtMs: number | undefined;
    let problem: string | null = null;
    const recovering = session.recover(AbortSignal.any([AbortSignal.timeout(withinMs + TELL_MS), enough.signal])).then(
      () => (toldAtMs = performance.now()),
      (error: unknown) => (problem = messageOf(error)),
    );
    const landings = await watchInstances(cloud, victim, ids, patience);
    const tooLate = setTimeout(() => enough.abort(new Error('it did not say that it was over')), TELL_MS);
    await recovering;
    clearTimeout(tooLate);

    const all = proxy.traffic();
    const recovery = all.filter(({ atMs }) => atMs >= failedAtMs && atMs <= (toldAtMs ?? Number.POSITIVE_INFINITY));
    const routes = countRoutes(recovery);
    return {
      contender: name,
      instances,
      recovered: landings.filter(({ runningAtMs }) => runningAtMs !== undefined).length,
      evacuatedTwice: (await evacuatedTwice(cloud)).length,
      seconds: milestonesOf(failedAtMs, toldAtMs, recovery, landings),
      novaCalls: recovery.filter(({ route }) => route.startsWith('nova ')).length,
      routes,
      traffic: recovery.map(({ route, status, atMs, tookMs }) => ({
        route,
        status,
        at: Number(((atMs - failedAtMs) / 1_000).toFixed(3)),
        tookMs: Math.round(tookMs),
      })),
      tokens: proxy.tokensIssued(),
      memory: session.memory?.() ?? null,
      load,
      problem,
    };
  } finally {
    await session.end();
  }
}
