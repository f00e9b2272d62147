import type { HostStatus, MoveStatus, RecoveryStatus, Status } from '../control/protocol.ts';
import { alignColumns } from './columns.ts';
import { ago, clockTime } from './time.ts';

/**
 * For an operator at three in the morning: first one line on the whole, then what waits for a human with what to do,
 * then what failed, then what is at work, then what ended lately. A host that is fine is only counted.
 */
export function describeStatus(status: Status, nowMs: number): string {
  const blocks = [
    [headline(status), ...pauseLines(status), ...cloudLines(status), ...apiLines(status)],
    holdLines(status),
    hostLines(status, nowMs),
    failureLines(status),
    lossLines(status),
    recoveryLines(status, nowMs),
    reportLines(status, nowMs),
    masakariLines(status, nowMs),
    capacityLines(status),
    [fineLine(status)],
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}

function headline(status: Status): string {
  const seen = status.snapshotAgeMs === undefined ? 'not seen yet' : `seen ${ago(status.snapshotAgeMs)} ago`;
  return `lifeboat ${status.version} on ${status.node}: ${status.summary} (cluster ${seen}, cloud ${status.cloud})`;
}

function pauseLines({ paused }: Status): readonly string[] {
  if (paused === undefined) return [];
  return [`PAUSED ${paused}. Nothing new is sent; to go on: lifeboat resume`];
}

function cloudLines({ cloud }: Status): readonly string[] {
  if (cloud !== 'unavailable') return [];
  return ['The cloud does not answer: nothing can be evacuated until Keystone and Nova do. The log says why.'];
}

function apiLines({ deaf = [] }: Status): readonly string[] {
  return deaf.map(({ address, reason }) => `The API does not listen on ${address}, gates cannot ask there: ${reason}`);
}

function holdLines({ holds }: Status): readonly string[] {
  if (holds.length === 0) return [];
  const lines = holds.flatMap(({ host, reason, remedy }) => [
    `  ${host}: ${reason}`,
    `    ${remedy === undefined ? 'nothing to do but wait' : `do: ${remedy}`}`,
  ]);
  return ['HELD, waits on purpose:', ...lines];
}

function isFine({ state }: HostStatus): boolean {
  return state === 'up';
}

const STATE_IN_WORDS: Readonly<Record<HostStatus['state'], string>> = {
  up: 'up',
  'hands-off': 'left alone',
  lost: 'lost, not proven down',
  proven: 'proven down',
};

/** Hosts that are not fine and that no hold has named yet. */
function hostLines({ hosts, holds }: Status, nowMs: number): readonly string[] {
  const named = new Set(holds.map(({ host }) => host));
  const rows = hosts
    .filter((host) => !isFine(host) && !named.has(host.host ?? host.node))
    .map(({ node, host, state, lostSinceMs, reason, remedy }) => [
      host === undefined || host === node ? node : `${host} (node ${node})`,
      STATE_IN_WORDS[state],
      lostSinceMs === undefined ? '' : `since ${clockTime(lostSinceMs)}, ${ago(nowMs - lostSinceMs)}`,
      [reason, remedy === undefined ? undefined : `do: ${remedy}`].filter((text) => text !== undefined).join('; '),
    ]);
  return rows.length === 0 ? [] : ['HOSTS that are not up:', ...alignColumns(rows, '  ')];
}

function failureLines({ recoveries }: Status): readonly string[] {
  const rows = recoveries
    .filter(({ state, acknowledged }) => state !== 'released' && state !== 'superseded' && acknowledged === undefined)
    .flatMap(({ moves }) => moves.filter(({ state }) => state === 'failed'))
    .map((move) => [move.from, move.name, move.instance, move.reason ?? 'no reason given']);
  return rows.length === 0 ? [] : ['FAILED to move:', ...alignColumns(rows, '  ')];
}

/** What an owner will miss of an instance that runs, or rests, again. */
function lossLines({ recoveries }: Status): readonly string[] {
  const rows = recoveries
    .filter(({ state }) => state !== 'released' && state !== 'superseded')
    .flatMap(({ moves }) => moves.filter(({ state, reason }) => state === 'done' && reason !== undefined))
    .map((move) => [move.from, move.name, move.instance, move.reason ?? '']);
  return rows.length === 0 ? [] : ['MOVED with a loss:', ...alignColumns(rows, '  ')];
}

function recoveryLines({ recoveries }: Status, nowMs: number): readonly string[] {
  const rows = recoveries.map((recovery) => [
    recovery.host,
    recovery.state,
    progress(recovery.moves),
    duration(recovery, nowMs),
    `down by ${recovery.proof.by} at ${clockTime(recovery.proof.completedAtMs)}`,
    recovery.state === 'failed' || recovery.state === 'held' ? '' : (recovery.reason ?? ''),
  ]);
  return rows.length === 0 ? [] : ['RECOVERIES, newest first:', ...alignColumns(rows, '  ')];
}

function reportLines({ reports = [] }: Status, nowMs: number): readonly string[] {
  const rows = reports.map(({ host, reason, sinceMs, state, subject }) => [
    host,
    subject,
    state,
    `since ${clockTime(sinceMs)}, ${ago(nowMs - sinceMs)}`,
    reason ?? '',
  ]);
  return rows.length === 0 ? [] : ['REPORTED by monitors, of instances and processes:', ...alignColumns(rows, '  ')];
}

const TOLD_IN_WORDS = { waiting: 'waits', told: 'told', dropped: 'NOT TOLD' } as const;

function masakariLines({ masakariReports = [] }: Status, nowMs: number): readonly string[] {
  const rows = masakariReports.map(({ fencedAtMs, host, reason, settledAtMs, state }) => [
    host,
    TOLD_IN_WORDS[state],
    `fenced ${clockTime(fencedAtMs)}, ${ago(nowMs - fencedAtMs)} ago`,
    settledAtMs === undefined ? '' : `ended ${clockTime(settledAtMs)}`,
    reason ?? '',
  ]);
  return rows.length === 0 ? [] : ['REPORTED to Masakari, newest first:', ...alignColumns(rows, '  ')];
}

function capacityLines({ capacity }: Status): readonly string[] {
  if (capacity === undefined) return [];
  const { failure, short, shortfalls } = capacity;
  const more = short - shortfalls.length;
  const lines = [
    ...shortfalls.map(({ sentence }) => `  ${sentence}`),
    ...(more > 0 ? [`  and so for ${more} more hosts`] : []),
    ...(failure === undefined ? [] : [`  it cannot be told at present: ${failure}`]),
  ];
  return lines.length === 0 ? [] : ['CAPACITY, looking ahead:', ...lines];
}

function progress(moves: readonly MoveStatus[]): string {
  const wanted = moves.filter(({ state }) => state !== 'skipped');
  const done = wanted.filter(({ state }) => state === 'done').length;
  const failed = wanted.filter(({ state }) => state === 'failed').length;
  return `${done}/${wanted.length} moved${failed === 0 ? '' : `, ${failed} failed`}`;
}

function duration({ startedAtMs, finishedAtMs }: RecoveryStatus, nowMs: number): string {
  if (finishedAtMs === undefined) return `since ${clockTime(startedAtMs)}, ${ago(nowMs - startedAtMs)}`;
  return `in ${ago(finishedAtMs - startedAtMs)}, ended ${clockTime(finishedAtMs)}`;
}

function fineLine({ hosts, state }: Status): string {
  if (state === 'starting' && hosts.length === 0) return 'The cluster has not been read yet.';
  return `Up: ${hosts.filter(isFine).length} of ${hosts.length} hosts.`;
}
