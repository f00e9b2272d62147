import type { ComputeService } from '../../openstack/cloud.ts';
import { isNovaCompute, type ProcessLimits } from './process-limits.ts';
import { readProcessMark } from './process-mark.ts';
import type { ProcessWork } from './process-work.ts';

export type ProcessJudgement =
  | { readonly kind: 'wait'; readonly message: string }
  /** Disabled for these; also when it is disabled for others of them. */
  | { readonly kind: 'disable'; readonly processes: readonly string[]; readonly work: ProcessWork }
  | { readonly kind: 'enable'; readonly work: ProcessWork }
  | { readonly kind: 'end'; readonly status: 'finished' | 'failed' | 'ignored'; readonly message: string };

export interface ProcessFacts {
  readonly host: string;
  readonly process: string;
  /** Undefined: Nova has no nova-compute on that host. */
  readonly service: ComputeService | undefined;
  /** nova-compute was heard twice since the report came in. */
  readonly isHeard: boolean;
  /** How long Nova has been looked at for this report without a break, ms. */
  readonly lookedForMs: number;
  readonly now: number;
}

/**
 * A process has failed. Invariant: the service is only disabled when Nova knows that it is down, or when it was heard. One that is
 * dead and still shown as up would block one of Nova's API workers for 60 s (seen), which the evacuations of another host
 * may need meanwhile; see docs/decisions/0045-processes.md.
 */
export function judgeStopped(work: ProcessWork, facts: ProcessFacts, limits: ProcessLimits): ProcessJudgement {
  const { host, isHeard, now, process, service } = facts;
  if (service === undefined) return ignored(`Nova has no nova-compute on ${host}`);
  if (service.forcedDown) return ignored(`${host} is forced down in Nova by somebody: nothing is placed there`);
  const mark = service.status === 'disabled' ? readProcessMark(service.disabledReason) : undefined;
  if (mark?.processes.includes(process) === true) {
    return finished(`the compute service of ${host} is disabled: nothing is placed there until ${process} is well`);
  }
  // Its reason only: Nova asks no compute about that.
  if (mark !== undefined) return call(work, limits, now, disableCommand(host), [...mark.processes, process]);
  if (service.status === 'disabled') {
    const reason = service.disabledReason ?? 'no reason given';
    return finished(`the compute service of ${host} was disabled already, and is not ours to enable: ${reason}`);
  }
  if (isHeard && isNovaCompute(process)) return ignored(`nova-compute of ${host} was heard since: it runs`);
  if (service.state === 'up' && !isHeard) {
    const shown = `Nova shows nova-compute of ${host} as up, and it was not heard since`;
    return patiently(facts, limits, shown, disableCommand(host));
  }
  return call(work, limits, now, disableCommand(host), [process]);
}

/** It runs again. Only what we have disabled is enabled, and only when nova-compute was heard. */
export function judgeStarted(work: ProcessWork, facts: ProcessFacts, limits: ProcessLimits): ProcessJudgement {
  const { host, isHeard, now, process, service } = facts;
  if (service === undefined) return ignored(`Nova has no nova-compute on ${host}`);
  if (service.status === 'enabled') {
    return finished(work.tries > 0 ? `the compute service of ${host} is enabled again` : `nothing was disabled for it`);
  }
  const mark = readProcessMark(service.disabledReason);
  if (mark === undefined) {
    return ignored(
      `the compute service of ${host} is not ours to enable: ${service.disabledReason ?? 'no reason given'}`,
    );
  }
  const others = mark.processes.filter((each) => each !== process);
  if (others.length === mark.processes.length) {
    return finished(`the compute service of ${host} stays disabled until ${others.join(' and ')} is well`);
  }
  if (others.length > 0) return call(work, limits, now, enableCommand(host), others);
  if (service.forcedDown || service.state === 'down' || !isHeard) {
    const shown = `${process} of ${host} is reported to run again, and Nova has not heard nova-compute twice since`;
    return patiently(facts, limits, shown, enableCommand(host));
  }
  return call(work, limits, now, enableCommand(host), undefined);
}

function call(
  work: ProcessWork,
  { attempts, settleMs }: ProcessLimits,
  now: number,
  command: string,
  processes: readonly string[] | undefined,
): ProcessJudgement {
  if (work.step === 'calling' && now - work.sinceMs < settleMs) return { kind: 'wait', message: 'Nova was told' };
  if (work.tries >= attempts) return failed(`Nova was told ${work.tries} times, to no effect; do: ${command}`);
  const next: ProcessWork = { step: 'calling', sinceMs: now, tries: work.tries + 1 };
  return processes === undefined ? { kind: 'enable', work: next } : { kind: 'disable', processes, work: next };
}

function patiently(
  { lookedForMs }: ProcessFacts,
  { patienceMs }: ProcessLimits,
  shown: string,
  command: string,
): ProcessJudgement {
  if (lookedForMs < patienceMs) return { kind: 'wait', message: shown };
  return failed(`${shown}, for ${Math.round(lookedForMs / 1000)} s; do: ${command}`);
}

function disableCommand(host: string): string {
  return `openstack compute service set --disable --disable-reason 'a process has failed' ${host} nova-compute`;
}

function enableCommand(host: string): string {
  return `openstack compute service set --enable ${host} nova-compute`;
}

function finished(message: string): ProcessJudgement {
  return { kind: 'end', status: 'finished', message };
}

function ignored(message: string): ProcessJudgement {
  return { kind: 'end', status: 'ignored', message };
}

function failed(message: string): ProcessJudgement {
  return { kind: 'end', status: 'failed', message };
}
