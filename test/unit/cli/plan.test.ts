import { describe, expect, it } from 'vitest';
import { describePlan, isTroubled } from '../../../src/cli/plan.ts';
import { parseCommand } from '../../../src/cli/command.ts';
import type { PlannedStatus, PlanStatus } from '../../../src/control/protocol.ts';

type Planned = Extract<PlanStatus, { outcome: 'planned' }>;

function move(name: string, place: PlannedStatus['place'], more: Partial<PlannedStatus> = {}): PlannedStatus {
  const [host, reason] = place === 'host' || place === 'reserved' ? ['cmp2', undefined] : [undefined, 'because'];
  return { instance: `id-${name}`, name, priority: 500, group: undefined, after: [], place, host, reason, ...more };
}

const PLAN: Planned = {
  outcome: 'planned',
  host: 'cmp1',
  obstacles: [{ reason: 'fencing is disabled', remedy: 'pcs property set stonith-enabled=true' }],
  failure: undefined,
  moves: [
    move('db', 'host', { priority: 900, group: 'db' }),
    move('app', 'reserved', { after: ['db'] }),
    move('huge', 'none'),
    move('amphora', 'left'),
  ],
};

describe('lifeboat plan', () => {
  it('says first how it would end, then what would hold it, what has no place, and in which order', () => {
    expect(describePlan(PLAN)).toBe(`If cmp1 died now: 2 of 3 instances have a place, 1 have none, 1 stay.

WOULD BE HELD:
  fencing is disabled
    do: pcs property set stonith-enabled=true

NO PLACE:
  huge  id-huge  because

IN THIS ORDER (Nova may choose other hosts):
  1.  db    id-db    priority 900  group db  to cmp2
  2.  app   id-app   priority 500  after db  to cmp2, reserved
  3.  huge  id-huge  priority 500            no place

STAY:
  amphora  id-amphora  because
`);
  });

  it('is one line for a host without instances', () => {
    expect(describePlan({ ...PLAN, obstacles: [], moves: [] })).toBe(
      'If cmp1 died now: 0 of 0 instances have a place.\n',
    );
  });

  it('says why places are not known', () => {
    const text = describePlan({ ...PLAN, failure: 'Placement is away', moves: [move('a', 'unknown')] });
    expect(text.split('\n').slice(0, 2)).toEqual([
      'If cmp1 died now: 0 of 1 instances have a place, 1 not known.',
      'Where there is room is not known: Placement is away',
    ]);
  });

  it('is trouble when a rule would hold it, or something has no place or an unknown one', () => {
    const calm = { ...PLAN, obstacles: [], moves: [move('a', 'host'), move('b', 'left')] };
    expect(isTroubled(calm)).toBe(false);
    expect(isTroubled({ ...calm, moves: [move('a', 'none')] })).toBe(true);
    expect(isTroubled({ ...calm, moves: [move('a', 'unknown')] })).toBe(true);
    expect(isTroubled({ ...calm, obstacles: PLAN.obstacles })).toBe(true);
  });

  it('takes the name of one host', () => {
    const socket = '/run/lifeboat/lifeboatd.sock';
    expect(parseCommand(['plan', 'cmp1'])).toEqual({ verb: 'plan', host: 'cmp1', form: 'table', socket });
    expect(parseCommand(['plan', 'cmp1', '--json'])).toMatchObject({ verb: 'plan', form: 'json' });
    expect(parseCommand(['plan'])).toEqual({ verb: 'misuse', reason: 'plan goes with the name of a host' });
    expect(parseCommand(['plan', 'cmp1', 'cmp2'])).toEqual({ verb: 'misuse', reason: 'what is cmp2?' });
  });
});
