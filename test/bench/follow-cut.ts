import type { Rig } from '../cluster/rig/rig.ts';
import { eventually } from '../support/eventually.ts';
import { cutOf, fencingOf, firstAcceptedOf, runningElsewhere, type PowerCut } from './power-cut.ts';

/** What happens to a cut-off host, told once each, in this order. */
export interface CutListener {
  readonly onCut?: (cutAtMs: number) => void;
  readonly onAsked?: (atMs: number) => void;
  readonly onFenced?: (atMs: number) => void;
  readonly onFirstAccepted?: (atMs: number) => void;
  /** Each time more instances run elsewhere than before. */
  readonly onRunning?: (ids: readonly string[], atMs: number) => void;
}

const LOOK_EVERY_MS = 25;
const FENCED_WITHIN_MS = 90_000;
const ACCEPTED_WITHIN_MS = 60_000;

/** Cuts the power of a compute node and follows it until its last instance runs elsewhere. Fails at a deadline. */
export async function cutAndFollow(rig: Rig, host: string, listener: CutListener = {}): Promise<PowerCut> {
  const { lab, cloud } = rig;
  const before = await cloud.state();
  const ids = new Set(before.instances.filter((instance) => instance.host === host).map(({ id }) => id));
  const notBeforeMs = Date.now();
  await lab.kill(host);
  const cutAtMs = cutOf(lab.powerLog(), host, notBeforeMs) ?? notBeforeMs;
  listener.onCut?.(cutAtMs);

  const fencing = (): ReturnType<typeof fencingOf> => fencingOf(lab.powerLog(), host, cutAtMs);
  const look = { everyMs: LOOK_EVERY_MS };
  const within = { ...look, withinMs: FENCED_WITHIN_MS };
  const askedAtMs = await eventually(`the fence device is asked about ${host}`, () => fencing().askedAtMs, within);
  listener.onAsked?.(askedAtMs);
  const fencedAtMs = await eventually(`${host} is fenced`, () => fencing().fencedAtMs, within);
  listener.onFenced?.(fencedAtMs);

  const firstAcceptedAtMs = await eventually(
    `Nova takes the first evacuation from ${host}`,
    async () => firstAcceptedOf(await cloud.evacuateCalls(), host, cutAtMs),
    { ...look, withinMs: ACCEPTED_WITHIN_MS },
  );
  listener.onFirstAccepted?.(firstAcceptedAtMs);

  let seen = 0;
  const lastRunningAtMs = await eventually(
    `all ${ids.size} instances of ${host} run elsewhere`,
    async () => {
      const state = await cloud.state();
      const running = runningElsewhere(state, ids, host);
      if (running.length > seen) listener.onRunning?.(running, state.nowMs);
      seen = Math.max(seen, running.length);
      return running.length === ids.size && state.nowMs;
    },
    { ...look, withinMs: ACCEPTED_WITHIN_MS + 2_000 * ids.size },
  );
  return { cutAtMs, askedAtMs, fencedAtMs, firstAcceptedAtMs, lastRunningAtMs };
}
