import { describe, expect, it } from 'vitest';
import { recoveryMark, suspectMark, type Life } from '../../../src/engine/mark.ts';
import { judgeByNova, type NovaView } from '../../../src/gate/by-nova.ts';
import type { ComputeService, Evacuation } from '../../../src/openstack/cloud.ts';
import { proofOf } from '../engine/bench.ts';

const BOOT = 1_795_328_297_000;
const MINUTE = 60_000;

interface Shown {
  readonly forcedDown?: boolean;
  readonly mark?: string;
  readonly heardMs?: number;
  readonly evacuation?: string;
}

function view({ forcedDown = false, mark, heardMs = BOOT - MINUTE, evacuation }: Shown = {}): NovaView {
  const service: ComputeService = {
    id: 's1',
    host: 'cmp1',
    zone: 'nova',
    status: mark === undefined ? 'enabled' : 'disabled',
    state: 'down',
    forcedDown,
    disabledReason: mark,
    updatedAtMs: heardMs,
  };
  const record = (status: string): Evacuation => ({
    id: '1',
    instanceId: 'i1',
    sourceHost: 'cmp1',
    targetHost: 'cmp2',
    status,
    createdAtMs: BOOT,
    updatedAtMs: BOOT,
  });
  return {
    services: [service],
    evacuations: evacuation === undefined ? [] : [record(evacuation)],
    bootedAtMs: BOOT,
  };
}

const recovery = (life: Life): string => recoveryMark(proofOf('cmp1', BOOT - MINUTE), false, BOOT, life);

/** docs/decisions/0027-the-gate.md has the same table. */
const TABLE: readonly (readonly [string, Shown, string, string])[] = [
  ['is being recovered', { forcedDown: true, mark: recovery('silent') }, 'closed', 'closed'],
  ['is being recovered, and lived on', { forcedDown: true, mark: recovery('alive') }, 'closed', 'closed'],
  [
    'has had its moves, all done',
    { forcedDown: true, mark: recovery('recovered'), evacuation: 'done' },
    'open',
    'closed',
  ],
  ['has had its moves, one failed', { forcedDown: true, mark: recovery('failed') }, 'open', 'closed'],
  ['was about to be given back', { mark: recovery('recovered') }, 'open', 'open'],
  ['was being recovered, forced-down lifted', { mark: recovery('silent') }, 'unknown', 'unknown'],
  ['is a suspect', { forcedDown: true, mark: suspectMark('cmp1', false) }, 'closed', 'closed'],
  ['is forced down, nobody says why', { forcedDown: true }, 'unknown', 'unknown'],
  ['has an evacuation under way', { evacuation: 'pre-migrating', heardMs: BOOT + 5 * MINUTE }, 'unknown', 'unknown'],
  ['was heard since it has booted', { heardMs: BOOT + 5 * MINUTE }, 'open', 'open'],
  ['was heard since, with one evacuated', { heardMs: BOOT + 5 * MINUTE, evacuation: 'done' }, 'open', 'closed'],
  ['was heard just when it booted', { heardMs: BOOT + MINUTE / 2 }, 'unknown', 'unknown'],
  ['has booted since it was heard', {}, 'unknown', 'unknown'],
];

describe('the gate, by what Nova shows of a host that', () => {
  it.each(TABLE)('%s', (_case, shown, novaCompute, guests) => {
    expect(judgeByNova('cmp1', 'nova-compute', view(shown)).gate).toBe(novaCompute);
    expect(judgeByNova('cmp1', 'guests', view(shown)).gate).toBe(guests);
  });

  it('Nova does not know: a first start', () => {
    expect(judgeByNova('cmp9', 'nova-compute', view()).gate).toBe('open');
  });

  it('asks by the name of its node, by which Nova does not know it', () => {
    const shown = view({ forcedDown: true, mark: recovery('silent') });
    const services = shown.services.map((each) => ({ ...each, host: 'compute-az1-7' }));
    expect(judgeByNova('cmp1', 'nova-compute', { ...shown, services }).gate).toBe('unknown');
  });

  it('is written in another way than Nova does', () => {
    expect(judgeByNova('cmp1.example.com', 'nova-compute', view({ heardMs: BOOT + 5 * MINUTE }))).toMatchObject({
      gate: 'unknown',
      remedy: 'say --host or gate.host as Nova spells it',
    });
  });

  it('somebody disabled with words of their own, and that runs', () => {
    expect(judgeByNova('cmp1', 'nova-compute', view({ mark: 'new disks', heardMs: BOOT + 5 * MINUTE })).gate).toBe(
      'open',
    );
  });
});
