import type { Observation } from './observation.ts';
import type { Heard, UnitEnding, UnitRow } from './unit-state.ts';

const RUNNING = new Set(['active', 'reloading', 'refreshing']);

/** Of these nobody's order is the cause, whenever the main process ended. */
const FAILURES_OF_THEIR_OWN: Readonly<Record<string, string>> = {
  watchdog: 'it did not answer its watchdog',
  'oom-kill': 'it was killed for want of memory',
  protocol: 'it did not say that it is ready',
  resources: 'systemd had not what it needs to start it',
  'start-limit-hit': 'systemd has started it too often, and gives up',
};

/** Whether how it has ended must be asked for: all else its row says. */
export function hasEnded({ activeState, job, loadState, subState }: UnitRow): boolean {
  if (loadState === 'not-found' || loadState === 'masked' || job !== '') return false;
  if (subState.endsWith('-before-auto-restart')) return false;
  return activeState === 'failed' || activeState === 'inactive';
}

/** What a unit's row says; of one that has ended, `judgeEnding` says more. */
export function judgeRow({ activeState, id, job, loadState, subState }: UnitRow): Observation {
  if (RUNNING.has(activeState)) return { kind: 'runs' };
  if (subState === 'auto-restart' || subState.endsWith('-before-auto-restart')) {
    return between(`systemd restarts ${id}`);
  }
  if (activeState === 'activating') return between(`${id} is starting (${subState})`);
  if (job === 'stop') return { kind: 'stopped', sentence: `${id} is being stopped on somebody's order` };
  if (activeState === 'deactivating') return between(`${id} is ending (${subState})`);
  if (loadState === 'masked') return { kind: 'stopped', sentence: `${id} is masked` };
  if (loadState === 'not-found') return { kind: 'absent', sentence: `there is no ${id} here` };
  return between(`${id} is ${activeState}, and is to ${job === '' ? 'be seen to' : job}`);
}

/**
 * Whether a service that is down was stopped or has failed. systemd keeps no record of who stopped what, but times: on an order it
 * is the unit that leaves the state active first and its main process that ends then; by itself it is the other way round. Seen with
 * systemd 252 in each of the cases below; see docs/decisions/0052-processes-on-a-host.md.
 */
export function judgeEnding(row: UnitRow, ending: UnitEnding, heard: Heard): Observation {
  const { id } = row;
  const { activeEnterUs, activeExitUs, bindsTo, mainExitUs, mainStartUs, result } = ending;
  const own = FAILURES_OF_THEIR_OWN[result];
  if (own !== undefined && row.activeState === 'failed') return failed(`${id}: ${own}`);
  if (result === 'exec-condition') return stopped(`${id} has a condition that keeps it from starting`);
  // systemd makes "failed" of each result but success, unless it was told to stop while it waited to restart it.
  if (row.activeState === 'inactive' && result !== 'success') return stopped(`${id} was stopped on somebody's order`);
  if (activeEnterUs === 0 && mainStartUs === 0 && result === 'success') return judgeForgotten(id, heard);
  if (mainStartUs > activeEnterUs) {
    // It did not get as far as active this time.
    if (row.activeState === 'inactive') return stopped(`${id} was stopped on somebody's order while it started`);
    return failed(`${id} did not start: ${lastWords(ending)}`);
  }
  if (mainExitUs === 0) return judgeWithoutMain(row, ending, heard);
  const endedByItself = activeEnterUs <= mainExitUs && mainExitUs <= activeExitUs;
  if (endedByItself) return judgeByItself(row, ending);
  const lost = bindsTo.find(({ activeState }) => activeState === 'failed');
  if (lost !== undefined) return failed(`${id} was stopped because ${lost.id} has failed`);
  return stopped(`${id} was stopped on somebody's order`);
}

function judgeByItself({ activeState, id }: UnitRow, ending: UnitEnding): Observation {
  const trigger = ending.triggeredBy.find((each) => RUNNING.has(each.activeState));
  // libvirt's daemons end after two minutes without a client, and their sockets start them again.
  if (activeState === 'inactive' && trigger !== undefined)
    return stopped(`${id} is idle, and ${trigger.id} will start it`);
  return failed(`${id} has ended by itself: ${lastWords(ending)}`);
}

/** A service that forks and does not say which process is the main one. */
function judgeWithoutMain({ activeState, id }: UnitRow, ending: UnitEnding, heard: Heard): Observation {
  if (heard.kind === 'all' && heard.jobs === 'some') return stopped(`${id} was stopped on somebody's order`);
  if (heard.kind === 'all') return failed(`${id} has ended by itself: no process of it is left`);
  if (activeState === 'failed') return failed(`${id} has failed: ${lastWords(ending)}`);
  return stopped(`${id} has ended, nobody saw how`);
}

/** Never started in this boot, or ended without a failure and forgotten. */
function judgeForgotten(id: string, heard: Heard): Observation {
  if (heard.kind === 'gaps') return stopped(`${id} was not started, or was stopped`);
  if (heard.jobs === 'some') return stopped(`${id} was stopped on somebody's order`);
  return failed(`${id} has ended by itself`);
}

function lastWords({ mainCode, mainStatus, result }: UnitEnding): string {
  if (mainCode === 1) return `exit status ${mainStatus}`;
  if (mainCode === 2 || mainCode === 3) return `killed by signal ${mainStatus}`;
  return result;
}

function between(sentence: string): Observation {
  return { kind: 'between', sentence };
}

function stopped(sentence: string): Observation {
  return { kind: 'stopped', sentence };
}

function failed(sentence: string): Observation {
  return { kind: 'failed', sentence };
}
