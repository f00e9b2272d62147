import { setTimeout as pause } from 'node:timers/promises';
import type { Rig } from '../cluster/rig/rig.ts';
import { cutOf, fencingOf, firstAcceptedOf, runningElsewhere, type PowerCut } from './power-cut.ts';

/** What happens to a host whose power is cut, told in this order, each as soon as it is seen. */
export interface CutListener {
  readonly onCut?: (atMs: number) => void;
  readonly onAsked?: (atMs: number) => void;
  readonly onFenced?: (atMs: number) => void;
  readonly onFirstAccepted?: (atMs: number) => void;
  /** Each time more instances run elsewhere than before: instance → host of all of them so far. */
  readonly onRunning?: (places: ReadonlyMap<string, string>, atMs: number) => void;
}

export interface FollowedCut {
  readonly cut: PowerCut;
  /** On the host before the cut. */
  readonly instances: readonly string[];
  /** Of these, those that were seen running on another host. */
  readonly recovered: readonly string[];
}

const LOOK_EVERY_MS = 25;
const FENCED_WITHIN_MS = 90_000;
const ACCEPTED_WITHIN_MS = 60_000;

/**
 * Cuts the power of a compute node and follows it until its last instance runs elsewhere. What has not happened within
 * its time stays undefined, and nothing after it is waited for.
 */
export async function cutAndFollow(rig: Rig, host: string, listener: CutListener = {}): Promise<FollowedCut> {
  const { lab, cloud } = rig;
  const before = await cloud.state();
  const instances = before.instances.filter((instance) => instance.host === host).map(({ id }) => id);
  const wanted = new Set(instances);
  let recovered: readonly string[] = [];

  const notBeforeMs = Date.now();
  await lab.kill(host);
  const cutAtMs = cutOf(lab.powerLog(), host, notBeforeMs) ?? notBeforeMs;
  listener.onCut?.(cutAtMs);

  const fencing = (): ReturnType<typeof fencingOf> => fencingOf(lab.powerLog(), host, cutAtMs);
  const accepted = async (): Promise<number | undefined> => firstAcceptedOf(await cloud.evacuateCalls(), host, cutAtMs);
  const allRunning = async (): Promise<number | undefined> => {
    const state = await cloud.state();
    const running = runningElsewhere(state, wanted, host);
    if (running.size > recovered.length) {
      recovered = [...running.keys()];
      listener.onRunning?.(running, state.nowMs);
    }
    return running.size === wanted.size ? state.nowMs : undefined;
  };

  const askedAtMs = await seen(() => fencing().askedAtMs, FENCED_WITHIN_MS, listener.onAsked);
  const fencedAtMs = askedAtMs && (await seen(() => fencing().fencedAtMs, FENCED_WITHIN_MS, listener.onFenced));
  const firstAcceptedAtMs = fencedAtMs && (await seen(accepted, ACCEPTED_WITHIN_MS, listener.onFirstAccepted));
  const lastRunningAtMs = firstAcceptedAtMs && (await seen(allRunning, ACCEPTED_WITHIN_MS + 2_000 * wanted.size));
  return { cut: { cutAtMs, askedAtMs, fencedAtMs, firstAcceptedAtMs, lastRunningAtMs }, instances, recovered };
}

async function seen(
  look: () => number | undefined | Promise<number | undefined>,
  withinMs: number,
  tell?: (atMs: number) => void,
): Promise<number | undefined> {
  const deadlineMs = performance.now() + withinMs;
  while (performance.now() < deadlineMs) {
    const atMs = await look();
    if (atMs !== undefined) {
      tell?.(atMs);
      return atMs;
    }
    await pause(LOOK_EVERY_MS);
  }
  return undefined;
}
