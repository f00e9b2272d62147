import { readFileSync } from 'node:fs';
import { MASAKARI } from '../../test/cloud/states/masakari.ts';
import { MICROVERSIONS } from '../../test/cloud/states/table.ts';
import type { Measured, StateRow, StateTable } from '../../test/cloud/states/table.ts';

const RECORDING = new URL('../../test/samples/openstack/instance-states.json', import.meta.url);

/** How a reason goes on with a remedy that is the same for many: said once below the table. */
const REMEDY = /; to move it before, .*$/;

/** docs/instance-states.md: every state that an instance can be in when its host dies, and what becomes of it. */
export function instanceStatesPage(): string {
  const { nova, rows } = JSON.parse(readFileSync(RECORDING, 'utf8')) as StateTable;
  return [
    '# What becomes of an instance when its host dies',
    `Measured on a real Nova ${nova}, with microversions ${MICROVERSIONS.join(' and ')}; ${comparison(rows)}. One instance of every state was on a host that was killed and recovered by Lifeboat’s engine; a twin of each, on another dead host that was forced down, was evacuated with a bare evacuate call and nothing else. \`test/cloud/states.test.ts\` does it again, and fails when Nova or Lifeboat does something else than is recorded.`,
    [
      '| state | Nova’s answer to evacuate | what Lifeboat calls | ends as | the move says | Masakari |',
      '| --- | --- | --- | --- | --- | --- |',
      ...rows.map(line),
    ].join('\n'),
    '¹ Set in Nova’s database, because no call of the API brings it about reliably: a build or a deletion cut off by the death of the host; a stop that nova-compute had taken; a lock whose holder is an administrator, where the test has one account only.',
    '`HOST` is the dead host, `TARGET` another one, `ID` the instance. Each call that only looks is left out, but for the one that decides: whether the dead host had taken the last call of an instance from its queue. Calls are in their order; a status in brackets is a refusal.',
    '## Reading the table',
    [
      '- *queued*: the call was accepted by Nova’s API and waited for nova-compute when the host died; *taken*: nova-compute had begun with it. What is queued is carried out when the host is back, also on an instance that has moved. Start, resume and rescue would run a second copy of it then ([decision 0024](decisions/0024-states-as-they-were.md)). So Lifeboat leaves such an instance where it is, and the move says why and goes on with the remedy: purge the message queue `compute.HOST` while its nova-compute is off, then `openstack server set --state error ID; openstack server evacuate ID`.',
      '- Nova by itself takes an evacuate in any task state, also for an instance that is being deleted, which then runs again, and starts what its owner had just stopped.',
      '- `skipped` moves count as no failure; nothing runs that should not. A recovery with a `failed` move ends as failed.',
      '- What was in the memory of a paused or suspended instance is lost with the host, whoever evacuates it.',
      '- The filter for affinity groups counts the dead host as the place of the group while a member is on it: Nova finds no valid host, however often it is asked. Take the instance out of the group, which Nova allows only by making it anew, or wait for the host.',
      '- A confirmation of a resize that Nova has accepted is waited for. Reset and evacuated beside it, an instance was wrecked (in error, rebuilding for good; seen when this table was first measured).',
    ].join('\n'),
    '## Not in the table',
    'Booted from a volume: needs Cinder, which the lab does not have. Every instance here was booted from an image. Whether the disk of an instance survives does not depend on its state but on where it is: on shared storage or a volume it is the same disk, on the local disk of the dead host it is made anew from the image. The driver is Nova’s fake one: what Nova decides and records is real, what a hypervisor then does with a guest is not shown.',
    '## The column on Masakari',
    'Not measured but read in the source of masakari 14.0.2 (`engine/drivers/taskflow/host_failure.py`), for its recovery method `auto` with its defaults. Bold: the instance is not in the state that it was in or that its owner had asked for.',
  ].join('\n\n');
}

/** In words that stay true whatever is recorded. */
function comparison(rows: readonly StateRow[]): string {
  const differing = rows.filter(({ at }) => JSON.stringify(at['2.53']) !== JSON.stringify(at['2.93'])).length;
  return differing === 0
    ? 'both did the same in every state'
    : `they differ in ${differing} states, where both stand here`;
}

function line({ state, broughtBy, at }: StateRow): string {
  const cell = (of: (measured: Measured) => string): string => {
    const [oldest = '', newest = ''] = MICROVERSIONS.map((each) => of(at[each]));
    return oldest === newest ? oldest : MICROVERSIONS.map((each) => `${each}: ${of(at[each])}`).join('<br>');
  };
  const cells = [
    `${state}${broughtBy === 'sql' ? ' ¹' : ''}`,
    cell(({ bare }) => answer(bare)),
    cell(({ lifeboat }) => lifeboat.calls.join(', ') || 'nothing'),
    cell(({ lifeboat }) => lifeboat.ends),
    cell(({ lifeboat }) =>
      [lifeboat.move ?? 'no move', lifeboat.reason?.replace(REMEDY, ' …')].filter(Boolean).join(': '),
    ),
    MASAKARI[state] ?? '',
  ];
  return `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
}

function answer({ status, message, ends }: Measured['bare']): string {
  return status < 300 ? `${status}; ${ends}` : `${status} ${message ?? ''}`;
}
