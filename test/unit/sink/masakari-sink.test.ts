import { afterEach, describe, expect, it } from 'vitest';
import { LifeboatError } from '../../../src/errors.ts';
import { bridgeOnlyBench, down, type Bench } from './bench.ts';

let bench: Bench;
afterEach(() => {
  bench.end();
});

/** Up for a while, then lost, then fenced. */
async function fence(host: string, of: Bench = bench): Promise<number> {
  await of.pass(10_000);
  of.nodes.set(host, 'lost');
  await of.pass(6_000);
  const fencedAtMs = Math.floor(of.clock.now() / 1000) * 1000;
  of.nodes.set(host, { fencedAtMs });
  return fencedAtMs;
}

function stateOf(host = 'cmp1'): string | undefined {
  return bench.status().masakariReports?.find((report) => report.host === host)?.state;
}

describe('with sink: masakari', () => {
  it('a proven failure is told to Masakari, once, and shown', async () => {
    bench = bridgeOnlyBench(['cmp1', 'cmp2', 'cmp3']);
    const fencedAtMs = await fence('cmp1');
    await bench.pass(120_000);
    expect(bench.masakari.reports).toEqual([{ host: 'cmp1', fencedAtMs }]);
    expect(bench.masakari.asked).toBe(1);
    expect(bench.shown.get('ctl1 lifeboat-of-cmp1')).toBe('reported to Masakari');
    expect(bench.shown.get('ctl1 lifeboat-engine')).toBe('active, reports to Masakari: 0 waiting, 1 told, 0 held');
    expect(bench.status()).toMatchObject({ held: 0, masakariReports: [{ host: 'cmp1', state: 'told', fencedAtMs }] });
  });

  it('a loss that is not proven is not told (S1)', async () => {
    bench = bridgeOnlyBench(['cmp1', 'cmp2', 'cmp3']);
    await bench.pass(10_000);
    bench.nodes.set('cmp1', 'lost');
    await bench.pass(300_000);
    expect(bench.masakari.asked).toBe(0);
    expect(bench.health().holds).toMatchObject([{ host: 'cmp1', kind: 'not-fenced' }]);
  });

  it('a host that came back before Masakari took it is not told, and an operator is (S1)', async () => {
    bench = bridgeOnlyBench(['cmp1', 'cmp2', 'cmp3']);
    bench.masakari.trouble = { when: 'before', error: down('CLOUD_UNAVAILABLE') };
    await fence('cmp1');
    await bench.pass(60_000);
    bench.nodes.set('cmp1', 'up');
    await bench.pass(5_000);
    bench.masakari.trouble = undefined;
    await bench.pass(300_000);
    expect(bench.masakari.reports).toEqual([]);
    expect(stateOf()).toBe('dropped');
    expect(bench.health().holds[0]).toMatchObject({ host: 'cmp1', kind: 'returned' });
    expect(bench.lines.some((line) => line.startsWith('error: cmp1 is not reported to Masakari'))).toBe(true);
    expect((await bench.heart.order({ op: 'retry', target: 'cmp1', by: 'anna' })).outcome).toBe('refused');
  });

  it.each(['CLOUD_UNAVAILABLE', 'CLOUD_UNAUTHORIZED', 'CLOUD_TIMED_OUT'] as const)(
    'is told again and again while Masakari answers with %s, for ever and ever more slowly',
    async (code) => {
      bench = bridgeOnlyBench(['cmp1', 'cmp2', 'cmp3']);
      bench.masakari.trouble = { when: 'before', error: down(code) };
      const fencedAtMs = await fence('cmp1');
      await bench.pass(10_000);
      const soon = bench.masakari.asked;
      expect(soon).toBeGreaterThan(2);
      await bench.pass(3_600_000);
      expect(bench.masakari.asked - soon).toBeGreaterThan(100);
      expect(bench.masakari.asked - soon).toBeLessThan(200);
      expect(bench.health().holds).toMatchObject([{ host: 'cmp1', kind: 'masakari-unavailable' }]);
      expect(bench.shown.get('ctl1 lifeboat-of-cmp1')).toBe('held: Masakari unavailable');
      bench.masakari.trouble = undefined;
      await bench.pass(31_000);
      expect(bench.masakari.reports).toEqual([{ host: 'cmp1', fencedAtMs }]);
      expect(bench.health().holds).toEqual([]);
    },
  );

  it('an answer that was lost does not make a second failure of one', async () => {
    bench = bridgeOnlyBench(['cmp1', 'cmp2', 'cmp3']);
    bench.masakari.trouble = { when: 'after', error: down('CLOUD_TIMED_OUT') };
    await fence('cmp1');
    await bench.pass(2_000);
    bench.masakari.work();
    bench.masakari.trouble = undefined;
    await bench.pass(60_000);
    expect(bench.masakari.reports).toHaveLength(1);
    expect(stateOf()).toBe('told');
  });

  it('what Masakari refuses is held with what to do, and told when that is done', async () => {
    bench = bridgeOnlyBench(['cmp1', 'cmp2', 'cmp3']);
    bench.masakari.unknownHosts.add('cmp1');
    const fencedAtMs = await fence('cmp1');
    await bench.pass(30_000);
    const [hold] = bench.health().holds;
    expect(hold).toMatchObject({ host: 'cmp1', kind: 'masakari-refused' });
    expect(hold?.reason).toContain('Host with name cmp1 could not be found.');
    expect(hold?.remedy).toContain('openstack segment host create cmp1 COMPUTE SSH SEGMENT');
    expect(bench.masakari.asked).toBe(1);
    bench.masakari.unknownHosts.clear();
    expect((await bench.heart.order({ op: 'retry', target: 'cmp1', by: 'anna' })).outcome).toBe('done');
    await bench.pass(1_000);
    expect(bench.masakari.reports).toEqual([{ host: 'cmp1', fencedAtMs }]);
  });

  it('a host on maintenance in Masakari is told when an operator takes it off, without being asked to', async () => {
    bench = bridgeOnlyBench(['cmp1', 'cmp2', 'cmp3']);
    bench.masakari.onMaintenance.add('cmp1');
    await fence('cmp1');
    await bench.pass(30_000);
    expect(bench.health().holds[0]?.remedy).toContain('--on_maintenance False');
    bench.masakari.onMaintenance.clear();
    await bench.pass(61_000);
    expect(bench.masakari.reports).toHaveLength(1);
  });

  it('a second failure that Masakari takes for the first one is told to an operator', async () => {
    bench = bridgeOnlyBench(['cmp1', 'cmp2', 'cmp3']);
    await fence('cmp1');
    await bench.pass(5_000);
    bench.nodes.set('cmp1', 'up');
    await bench.pass(30_000);
    await fence('cmp1');
    await bench.pass(10_000);
    expect(bench.masakari.reports).toHaveLength(1);
    expect(bench.health().holds[0]?.reason).toContain('Masakari takes the failure of cmp1 for the one of');
    expect((await bench.heart.order({ op: 'acknowledge', target: 'cmp1', by: 'anna' })).outcome).toBe('done');
    await bench.pass(1_000);
    expect(bench.health().holds).toEqual([]);
    expect(stateOf()).toBe('dropped');
  });

  it('a failure that another monitor has reported already counts as told', async () => {
    bench = bridgeOnlyBench(['cmp1', 'cmp2', 'cmp3']);
    await bench.pass(10_000);
    bench.masakari.reports.push({ host: 'cmp1', fencedAtMs: bench.clock.now() + 5_000 });
    await fence('cmp1');
    await bench.pass(10_000);
    expect(stateOf()).toBe('told');
    expect(bench.health().holds).toEqual([]);
  });

  it('what an earlier process has left is not told while the cluster does not prove it (S1)', async () => {
    bench = bridgeOnlyBench(['cmp1', 'cmp2', 'cmp3']);
    bench.masakari.trouble = { when: 'before', error: down('CLOUD_UNAVAILABLE') };
    await fence('cmp1');
    await bench.pass(5_000);
    bench.nodes.set('cmp1', 'lost');
    bench.forgetFencings();
    bench.masakari.trouble = undefined;
    bench.restart();
    await bench.pass(300_000);
    expect(bench.masakari.reports).toEqual([]);
    expect(stateOf()).toBe('waiting');
    expect(bench.health().holds.some(({ kind }) => kind === 'not-fenced')).toBe(true);
  });

  it('nothing is told without quorum, and all of it when that is back (S2)', async () => {
    bench = bridgeOnlyBench(['cmp1', 'cmp2', 'cmp3']);
    bench.masakari.trouble = { when: 'before', error: down('CLOUD_UNAVAILABLE') };
    await fence('cmp1');
    await bench.pass(5_000);
    bench.change = { quorate: false };
    await bench.pass(40_000);
    bench.masakari.trouble = undefined;
    const asked = bench.masakari.asked;
    await bench.pass(120_000);
    expect(bench.masakari.asked).toBe(asked);
    bench.change = {};
    await bench.pass(10_000);
    expect(bench.masakari.reports).toHaveLength(1);
  });

  it('nothing is told while Lifeboat is paused, and all of it after that (S8)', async () => {
    bench = bridgeOnlyBench(['cmp1', 'cmp2', 'cmp3']);
    bench.masakari.trouble = { when: 'before', error: down('CLOUD_UNAVAILABLE') };
    await fence('cmp1');
    await bench.pass(5_000);
    expect((await bench.heart.order({ op: 'pause', by: 'anna', reason: 'a test' })).outcome).toBe('done');
    bench.masakari.trouble = undefined;
    await bench.pass(120_000);
    expect(bench.health()).toMatchObject({ state: 'paused', holds: [{ kind: 'paused' }] });
    expect(bench.masakari.reports).toEqual([]);
    expect((await bench.heart.order({ op: 'resume', by: 'anna' })).outcome).toBe('done');
    await bench.pass(31_000);
    expect(bench.masakari.reports).toHaveLength(1);
  });

  it('a host whose nova-compute still reports is not told: its fencing may have lied (S9)', async () => {
    bench = bridgeOnlyBench(['cmp1', 'cmp2', 'cmp3']);
    bench.masakari.trouble = { when: 'before', error: down('CLOUD_UNAVAILABLE') };
    const fencedAtMs = await fence('cmp1');
    await bench.pass(6_000);
    for (let beat = 1; beat <= 3; beat += 1) {
      bench.heartbeats.set('cmp1', fencedAtMs + beat * 10_000);
      await bench.pass(10_000);
    }
    bench.masakari.trouble = undefined;
    await bench.pass(600_000);
    expect(bench.masakari.reports).toEqual([]);
    expect(bench.health().holds).toMatchObject([{ host: 'cmp1', kind: 'heartbeat' }]);
  });

  it('an old proof is not told while Nova cannot say whether nova-compute is silent (S9)', async () => {
    bench = bridgeOnlyBench(['cmp1', 'cmp2', 'cmp3']);
    bench.masakari.trouble = { when: 'before', error: down('CLOUD_UNAVAILABLE') };
    await fence('cmp1');
    await bench.pass(10_000);
    bench.novaFails = true;
    bench.masakari.trouble = undefined;
    await bench.pass(120_000);
    expect(bench.masakari.reports).toEqual([]);
    expect(bench.health().holds).toMatchObject([{ host: 'cmp1', kind: 'cloud-unavailable' }]);
    bench.novaFails = false;
    await bench.pass(10_000);
    expect(bench.masakari.reports).toHaveLength(1);
  });

  it('a storm is held, and told when an operator says so (S7)', async () => {
    const hosts = ['cmp1', 'cmp2', 'cmp3', 'cmp4'];
    bench = bridgeOnlyBench(hosts, 'storm: { max_percent: 50 }\n');
    await bench.pass(10_000);
    for (const host of hosts.slice(0, 3)) bench.nodes.set(host, 'lost');
    await bench.pass(6_000);
    const fencedAtMs = Math.floor(bench.clock.now() / 1000) * 1000;
    for (const host of hosts.slice(0, 3)) bench.nodes.set(host, { fencedAtMs });
    await bench.pass(60_000);
    expect(bench.masakari.asked).toBe(0);
    expect(bench.health().holds).toMatchObject([{ kind: 'storm' }, { kind: 'storm' }, { kind: 'storm' }]);
    expect((await bench.heart.order({ op: 'proceed', hosts: ['cmp2'], by: 'anna' })).outcome).toBe('done');
    await bench.pass(2_000);
    expect(bench.masakari.reports.map(({ host }) => host)).toEqual(['cmp2']);
    await bench.heart.order({ op: 'proceed', hosts: [], by: 'anna' });
    await bench.pass(2_000);
    expect(bench.masakari.reports).toHaveLength(3);
  });

  it('a failure that cannot be written down is held, and told as soon as it can (S4)', async () => {
    let isFull = true;
    bench = bridgeOnlyBench(['cmp1', 'cmp2', 'cmp3'], '', {
      spool: (spool) => ({
        ...spool,
        add: (report) => {
          if (isFull) throw new LifeboatError('STORE_UNUSABLE', 'the disk is full');
          return spool.add(report);
        },
      }),
    });
    await fence('cmp1');
    await bench.pass(30_000);
    expect(bench.masakari.asked).toBe(0);
    expect(bench.health().holds).toMatchObject([{ host: 'cmp1', kind: 'store-unusable' }]);
    isFull = false;
    await bench.pass(6_000);
    expect(bench.masakari.reports).toHaveLength(1);
    expect(bench.health().holds).toEqual([]);
  });

  it('says that it carries out and plans nothing itself', async () => {
    bench = bridgeOnlyBench(['cmp1', 'cmp2', 'cmp3']);
    const answer = await bench.heart.order({ op: 'cancel', target: 'cmp1', by: 'anna' });
    expect(answer).toMatchObject({ outcome: 'refused' });
  });
});

describe('a daemon with sink: masakari that is killed', () => {
  /** Each effect in its order: the disk, Masakari, the disk. */
  const EFFECTS = ['add', 'report', 'settle'] as const;

  for (const effect of EFFECTS) {
    for (const when of ['before', 'after'] as const) {
      it.each([
        ['on the same controller', false, false],
        ['on the same controller, when Masakari has worked meanwhile', false, true],
        ['on another controller, whose disk knows nothing', true, true],
      ] as const)(`${when} its ${effect} is followed by one that tells once: %s`, async (_where, elsewhere, works) => {
        let dead = false;
        const dying = <T>(name: (typeof EFFECTS)[number], work: () => T): T => {
          if (dead) throw new LifeboatError('STORE_UNUSABLE', 'it was killed');
          const result = name === effect && when === 'before' ? undefined : work();
          if (name !== effect) return result as T;
          dead = true;
          throw new LifeboatError('STORE_UNUSABLE', 'it was killed');
        };
        bench = bridgeOnlyBench(['cmp1', 'cmp2', 'cmp3'], '', {
          spool: (spool) => ({
            ...spool,
            add: (report) => dying('add', () => spool.add(report)),
            settle: (id, settlement) => {
              dying('settle', () => {
                spool.settle(id, settlement);
              });
            },
          }),
          masakari: (api) => ({
            async reportDown(report, mayLeave) {
              if (dead) return new Promise(() => undefined);
              if (effect === 'report' && when === 'before') {
                dead = true;
                return new Promise(() => undefined);
              }
              const answer = await api.reportDown(report, mayLeave);
              if (effect !== 'report') return answer;
              dead = true;
              return new Promise(() => undefined);
            },
          }),
        });
        const fencedAtMs = await fence('cmp1');
        await bench.pass(5_000);
        expect(dead).toBe(true);
        if (works) bench.masakari.work();
        const hadIt = bench.masakari.reports.length > 0;
        bench.restart({ elsewhere });
        await bench.pass(240_000);
        expect(bench.masakari.reports).toEqual([{ host: 'cmp1', fencedAtMs }]);
        expect(stateOf()).toBe('told');
        expect(bench.health().holds).toEqual([]);
        if (!hadIt) expect(bench.masakari.asked).toBe(1);
        expect(bench.masakari.asked).toBeLessThanOrEqual(2);
      });
    }
  }

  it('tells nothing again of what it has told, and drops what came back while it was away', async () => {
    bench = bridgeOnlyBench(['cmp1', 'cmp2', 'cmp3']);
    await fence('cmp1');
    await bench.pass(5_000);
    bench.restart();
    await bench.pass(60_000);
    expect(bench.masakari.asked).toBe(1);
    bench.masakari.trouble = { when: 'before', error: down('CLOUD_UNAVAILABLE') };
    await fence('cmp2');
    await bench.pass(5_000);
    bench.nodes.set('cmp2', 'up');
    bench.masakari.trouble = undefined;
    bench.restart();
    await bench.pass(60_000);
    expect(bench.masakari.reports.map(({ host }) => host)).toEqual(['cmp1']);
    expect(stateOf('cmp2')).toBe('dropped');
  });

  it('begins with an empty spool when the old one is damaged, and Masakari says what it knows', async () => {
    bench = bridgeOnlyBench(['cmp1', 'cmp2', 'cmp3']);
    await fence('cmp1');
    await bench.pass(5_000);
    bench.restart({ damaged: true });
    await bench.pass(60_000);
    expect(bench.lines.some((line) => line.includes('the spool is damaged'))).toBe(true);
    expect(bench.masakari.reports).toHaveLength(1);
    expect(stateOf()).toBe('told');
  });
});
