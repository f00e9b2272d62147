import { describe, expect, it } from 'vitest';
import { readMark, recoveryMark, suspectMark } from '../../../src/engine/mark.ts';
import { owedByMarks } from '../../../src/engine/rebuild.ts';
import { systemRandomness } from '../../../src/edge/randomness.ts';
import type { ComputeService } from '../../../src/openstack/cloud.ts';
import { proofOf } from './bench.ts';

const PROOF = proofOf('cmp1', 1_795_328_297_000);

const SERVICE: ComputeService = {
  id: 's1',
  host: 'cmp1.example.com',
  zone: 'nova',
  status: 'disabled',
  state: 'down',
  forcedDown: true,
  disabledReason: undefined,
  updatedAtMs: undefined,
};

describe('our mark in Nova', () => {
  it('tells the operator why, within the 255 characters that Nova allows', () => {
    const mark = recoveryMark(PROOF, false, 1_795_328_298_000);
    expect(mark).toContain('cmp1 was fenced at 2026-11-22T06:18:17Z');
    expect(mark.length).toBeLessThanOrEqual(255);
  });

  it('tells another engine what it needs to go on', () => {
    const mark = readMark(recoveryMark(PROOF, true, 1_795_328_298_000));
    expect(mark).toMatchObject({ kind: 'recovery', node: 'cmp1', wasDisabled: true, writtenAtMs: 1_795_328_298_000 });
    expect(mark?.kind === 'recovery' && mark.proof).toMatchObject({
      id: PROOF.id,
      completedAtMs: PROOF.completedAtMs,
      by: PROOF.by,
    });
    expect(readMark(suspectMark('cmp2', false))).toEqual({ kind: 'suspect', node: 'cmp2', wasDisabled: false });
  });

  it.each(['recovered', 'failed'] as const)('tells that the moves have ended: %s', (ending) => {
    const text = recoveryMark(PROOF, true, 1_795_328_298_000, ending);
    expect(text.length).toBeLessThanOrEqual(255);
    expect(text).toContain('its recovery has ended');
    expect(readMark(text)).toMatchObject({ kind: 'recovery', wasDisabled: true, alive: false, ended: ending });
    expect(readMark(recoveryMark(PROOF, true, 0, 'alive'))).toMatchObject({ alive: true, ended: undefined });
  });

  it.each(['silent', 'recovered', 'failed'] as const)(
    'keeps its facts whole where names are long, and is cut in its sentence (%s)',
    (life) => {
      const node = 'overcloud-novacompute-12.rack3.localdomain.example.com';
      const proof = { ...proofOf(node, 1_795_328_297_000), by: `controller-0.${'internalapi.'.repeat(8)}example.com` };
      const text = recoveryMark(proof, true, 1_795_328_298_000, life);
      expect([...text].length).toBeLessThanOrEqual(255);
      const ended = life === 'silent' ? undefined : life;
      expect(readMark(text)).toMatchObject({ node, wasDisabled: true, ended, proof: { id: proof.id } });
      expect(readMark(suspectMark(node.repeat(2), false))).toMatchObject({ node: node.repeat(2) });
    },
  );

  it('of an engine that did not know how to tell the end is read as a recovery under way', () => {
    const former = 'lifeboat: cmp1 was fenced at 2026-11-22T06:18:17Z, its instances are evacuated';
    const facts = ['cmp1', 1_795_328_297_000, 'fenced', 'ctl2', 'enabled', 1_795_328_298_000, 'silent'].join('|');
    expect(readMark(`${former} [${facts}]`)).toMatchObject({ kind: 'recovery', alive: false, ended: undefined });
  });

  it.each([
    ['recovered', 'finished'],
    ['failed', 'failed'],
  ] as const)('of a recovery that ended as %s is never evacuated on again', (ending, status) => {
    const disabledReason = recoveryMark(PROOF, false, 7, ending);
    const [owed] = owedByMarks([{ ...SERVICE, disabledReason }], 9, systemRandomness).recoveries;
    expect(owed?.recovery).toMatchObject({ state: ending, endedAtMs: 7 });
    expect(owed?.notification.status).toBe(status);
  });

  it.each([
    undefined,
    '',
    'new disks on Monday',
    'lifeboat: cmp1 was fenced',
    'lifeboat: [cmp1|soon|fenced|ctl2|enabled|1]',
    'lifeboat: [cmp1|1|guessed|ctl2|enabled|1]',
    'lifeboat: [||||||]',
  ])('is not read into %j', (reason) => {
    expect(readMark(reason)).toBeUndefined();
  });

  it('on a host that is not forced down any more is a release that was cut off', () => {
    const disabledReason = recoveryMark(PROOF, false, 0);
    const { recoveries } = owedByMarks([{ ...SERVICE, disabledReason, forcedDown: false }], 0, systemRandomness);
    expect(recoveries[0]?.recovery).toMatchObject({ state: 'recovered', isolation: { wasDisabled: false } });
  });

  it('means nothing on a service that is enabled again', () => {
    const disabledReason = recoveryMark(PROOF, false, 0);
    const enabled = { ...SERVICE, disabledReason, forcedDown: false, status: 'enabled' } as const;
    expect(owedByMarks([enabled], 0, systemRandomness)).toEqual({ recoveries: [], suspects: [] });
  });

  it('on a host that is forced down is a recovery that is owed', () => {
    const disabledReason = recoveryMark(PROOF, false, 0);
    const { recoveries } = owedByMarks([{ ...SERVICE, disabledReason }], 5, systemRandomness);
    expect(recoveries).toHaveLength(1);
    expect(recoveries[0]?.recovery).toMatchObject({ host: 'cmp1.example.com', node: 'cmp1', state: 'accepted' });
  });
});
