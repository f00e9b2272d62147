import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCloud } from './lab/index.ts';
import type { CloudLab } from './lab/index.ts';
import { differences } from './states/compare.ts';
import { EXPECTED } from './states/expected.ts';
import { HOSTS, measureStates } from './states/measure.ts';
import { MICROVERSIONS } from './states/table.ts';
import type { Measured, Microversion, StateRow, StateTable } from './states/table.ts';
import { novaClient } from './support/nova-client.ts';

/** LIFEBOAT_RECORD=1 writes what was measured, from which docs/instance-states.md is made. */
const { LIFEBOAT_RECORD: record } = process.env;
const RECORDING = new URL('../samples/openstack/instance-states.json', import.meta.url);

let lab: CloudLab | undefined;
let rows: readonly StateRow[] = [];

beforeAll(async () => {
  const beganAt = performance.now();
  const say = (sentence: string): void => {
    process.stdout.write(`${((performance.now() - beganAt) / 1000).toFixed(1).padStart(6)} s  ${sentence}\n`);
  };
  lab = await startCloud({
    name: 'states',
    portOffset: 400,
    hosts: HOSTS,
    // Seldom: the beats of seven hosts keep a third of a core busy at one a second.
    reportIntervalS: 5,
    // Longer than the calls to a frozen host take: what is known to be down is refused.
    serviceDownTimeS: 20,
    // Without them Nova offloads what is shelved, and deletes, at once.
    novaOptions: { shelved_offload_time: -1, reclaim_instance_interval: 86_400 },
  });
  say('the cloud is up');
  rows = await measureStates(lab, await novaClient({ ...lab.account, authUrl: lab.authUrl }), say);
}, 600_000);

afterAll(async () => {
  await lab?.down();
}, 120_000);

describe.for(MICROVERSIONS)('with microversion %s', (microversion) => {
  it.for(Object.entries(EXPECTED))('an instance that was %s', ([state, expected]) => {
    const { bare, lifeboat } = measured(state, microversion);
    expect(bare.status).toBe(expected.bare ?? 200);
    expect(lifeboat.move).toBe(expected.move);
    expect(lifeboat.ends).toBe(expected.ends);
    if (expected.tells === undefined) expect(lifeboat.reason).toBeUndefined();
    else expect(lifeboat.reason).toMatch(expected.tells);
    expect(lifeboat.evacuations).toBe(expected.evacuations ?? (expected.move === 'done' ? 1 : 0));
  });
});

it('every state that can be brought about is expected to end somehow', () => {
  expect(rows.map(({ state }) => state).toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
});

it('Nova and Lifeboat did as it is recorded (else: LIFEBOAT_RECORD=1, and npm run docs)', async () => {
  const table: StateTable = { nova: novaVersion(), rows };
  if (record === '1') writeFileSync(RECORDING, `${JSON.stringify(table, null, 2)}\n`);
  const recorded = JSON.parse(readFileSync(RECORDING, 'utf8')) as StateTable;
  expect(differences(table, recorded)).toEqual([]);
});

function measured(state: string, microversion: Microversion): Measured {
  const row = rows.find((each) => each.state === state);
  if (row === undefined) throw new Error(`${state} was not measured`);
  return row.at[microversion];
}

/** Of the upstream release: Debian's revisions change no states. */
function novaVersion(): string {
  const version = execFileSync('dpkg-query', ['-W', '-f', '${Version}', 'nova-common'], { encoding: 'utf8' });
  return version.replace(/^\d+:/, '').replace(/-.*$/, '');
}
