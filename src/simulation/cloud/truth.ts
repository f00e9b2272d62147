import { computeAnswers } from './heartbeat.ts';
import type { Run, World } from './world.ts';

/** One instance running on two machines at the same time: what evacuation must never cause. */
export interface DoubleRun {
  readonly instanceId: string;
  readonly hosts: readonly [string, string];
  readonly fromMs: number;
  /** Undefined while it still does. */
  readonly toMs: number | undefined;
}

export interface EmulatedInstance {
  readonly id: string;
  readonly name: string;
  readonly host: string | null;
  readonly status: string;
  readonly vmState: string;
  readonly taskState: string | null;
  /** Every machine on which it runs at this moment. */
  readonly runsOn: readonly string[];
}

export interface EmulatedHost {
  readonly name: string;
  readonly serviceId: string;
  readonly status: 'enabled' | 'disabled';
  readonly state: 'up' | 'down';
  readonly forcedDown: boolean;
  readonly power: 'on' | 'off';
  readonly compute: 'answers' | 'silent';
}

export interface EmulatedMigration {
  readonly instanceId: string;
  readonly sourceHost: string;
  readonly targetHost: string | null;
  readonly status: string;
}

export interface EmulatorState {
  readonly nowMs: number;
  readonly hosts: readonly EmulatedHost[];
  readonly instances: readonly EmulatedInstance[];
  readonly migrations: readonly EmulatedMigration[];
}

/** Nova's status word, made of vm_state and task_state. */
export function statusOf(guest: { readonly vmState: string; readonly taskState: string | null }): string {
  if (guest.taskState?.startsWith('rebuild') === true) return 'REBUILD';
  const words: Readonly<Record<string, string>> = { stopped: 'SHUTOFF', resized: 'VERIFY_RESIZE', rescued: 'RESCUE' };
  return words[guest.vmState] ?? guest.vmState.toUpperCase();
}

/** Machines on which each instance runs now. */
export function runningPlaces(world: World): ReadonlyMap<string, readonly string[]> {
  const places = new Map<string, string[]>();
  for (const run of world.runs) {
    if (provenEndMs(world, run) !== undefined) continue;
    places.set(run.instanceId, [...(places.get(run.instanceId) ?? []), run.host]);
  }
  return places;
}

/**
 * When the run ended as far as is known; undefined while it goes on. The guests of a lab's host are known to run as
 * long as the beats of the same boot come: a later beat shows that the machine, thought dead, was alive all along.
 */
function provenEndMs(world: World, run: Run): number | undefined {
  if (run.toMs !== undefined) return run.toMs;
  const host = world.hosts.get(run.host);
  if (host === undefined || host.beats === 'emulator') return undefined;
  if (computeAnswers(world, host)) return undefined;
  return Math.max(run.fromMs, host.lastSignOfLifeMs ?? run.fromMs);
}

export function doubleRuns(world: World): readonly DoubleRun[] {
  const byInstance = new Map<string, Run[]>();
  for (const run of world.runs) byInstance.set(run.instanceId, [...(byInstance.get(run.instanceId) ?? []), run]);
  return [...byInstance.values()].flatMap((runs) =>
    runs.flatMap((first, index) => runs.slice(index + 1).flatMap((second) => overlap(world, first, second))),
  );
}

function overlap(world: World, first: Run, second: Run): readonly DoubleRun[] {
  if (first.host === second.host) return [];
  const ends = [provenEndMs(world, first), provenEndMs(world, second)].filter((end) => end !== undefined);
  const fromMs = Math.max(first.fromMs, second.fromMs);
  const toMs = ends.length === 0 ? undefined : Math.min(...ends);
  if (toMs !== undefined && toMs <= fromMs) return [];
  return [{ instanceId: first.instanceId, hosts: [first.host, second.host], fromMs, toMs }];
}
