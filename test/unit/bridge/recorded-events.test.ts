import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../src/bridge/index.ts';
import { recordedFile, recordedRun, recordedRuns } from './recording.ts';
import { inAWord, watching } from './watch.ts';
import type { Watch } from './watch.ts';

/** Every host of the recorded cluster is a Nova host, as in a converged cloud. */
const everywhere = { novaHosts: ['cmp1', 'cmp2', 'cmp3', 'ctl1', 'ctl2', 'ctl3'] };

/** One verdict on `node` for each recorded crm_mon. */
function replay(event: string, node: string, change: Partial<Policy> = {}): { words: string[]; watch: Watch } {
  const watch = watching({ ...everywhere, ...change });
  const words = recordedRun(event).map((snapshot) => {
    watch.see(snapshot);
    return inAWord(watch.verdict(node));
  });
  return { words, watch };
}

describe('recorded events', () => {
  const expected: readonly (readonly [string, string, string, readonly string[]])[] = [
    [
      'a1-nonDC-killed',
      'ctl3',
      'a killed cluster node is proven by its fencing, not by being offline',
      ['up', 'lost: not-fenced', 'lost: fencing-pending', 'proven', 'proven', 'up'],
    ],
    [
      'a2-DC-killed',
      'ctl2',
      'a killed DC is proven by the fencing that its successor asked for',
      ['up', 'lost: not-fenced', 'lost: fencing-pending', 'proven', 'proven', 'up'],
    ],
    [
      'a4-pacemakerd-crash-only',
      'ctl1',
      'crashed cluster daemons look like a dead node and are fenced',
      ['up', 'lost: not-fenced', 'proven', 'proven', 'up'],
    ],
    [
      'b1-remote-process-gone',
      'cmp1',
      'a remote node is held while its fencing is under way, then proven',
      ['up', 'lost: fencing-pending', 'proven', 'up'],
    ],
    [
      'b2-remote-host-gone',
      'cmp1',
      'a dead host is proven until it is up again',
      ['up', 'lost: fencing-pending', 'proven', 'up'],
    ],
    [
      'b3-remote-net-cut',
      'cmp1',
      'a host whose network is cut is proven by its fencing',
      ['up', 'lost: fencing-pending', 'proven', 'up'],
    ],
    ['c1-remote-blip-2s', 'cmp1', 'a short network blip is nothing', ['up']],
    [
      'c2-reconnect_interval20-process-gone',
      'cmp1',
      'a remote node stays proven while its connection waits, stopped and clean, and starts',
      ['up', 'lost: fencing-pending', 'proven', 'proven', 'proven', 'up'],
    ],
    ['d1-standby', 'cmp1', 'standby is left alone', ['up', 'hands-off', 'up']],
    ['d2-maintenance', 'cmp1', 'maintenance is left alone', ['up', 'hands-off', 'up']],
    [
      'd3-remote-disabled',
      'cmp1',
      'a disabled connection is left alone, and its restart as well',
      ['up', 'hands-off', 'hands-off', 'hands-off', 'up'],
    ],
    [
      'd4-remote-clean-stop',
      'cmp1',
      'a stop of pacemaker_remote that gets the host fenced is a proven loss',
      ['up', 'lost: fencing-pending', 'proven'],
    ],
    [
      'd5-corosync-clean-stop',
      'ctl2',
      'a clean shutdown of a cluster node is left alone',
      ['up', 'hands-off', 'hands-off', 'hands-off', 'up'],
    ],
    [
      'e1-manual-fence',
      'cmp2',
      'a fencing by hand counts, once the node no longer takes part',
      ['up', 'up', 'proven', 'proven', 'up', 'up'],
    ],
    [
      'e2-fence-fails',
      'cmp1',
      'failed fencings prove nothing',
      // Tried again each time: what the operator was told of the first failure stays.
      ['up', 'lost: fencing-pending', 'lost: fencing-failed', 'lost: fencing-failed', 'lost: fencing-failed'],
    ],
    [
      'e3-fence-hangs',
      'cmp1',
      'offline and clean while a fencing hangs proves nothing, nor does its timeout',
      ['up', 'lost: fencing-pending', 'lost: fencing-failed', 'lost: fencing-failed', 'up'],
    ],
    [
      'e4-no-topology-two-devices-fallback',
      'cmp1',
      'a fencing by the second device counts',
      ['up', 'lost: fencing-pending', 'proven', 'proven', 'up'],
    ],
    [
      'e4-topology-level1-fails-level2-ok',
      'cmp1',
      'a fencing by the second level counts',
      ['up', 'lost: fencing-pending', 'lost: fencing-pending', 'proven', 'up', 'up'],
    ],
    [
      'e6-topology-partial-all-of-two',
      'cmp1',
      'a level of which one device failed proves nothing, though the host is off',
      ['up', 'lost: fencing-pending', 'lost: fencing-failed', 'lost: fencing-failed', 'lost: fencing-failed'],
    ],
    ['e8-bmc-lies', 'cmp1', 'a lying BMC cannot be told from a true one here', ['up', 'proven', 'proven', 'up']],
    [
      'e9-stonith-disabled-remote-killed',
      'cmp1',
      'without fencing a lost node is held for ever',
      ['up', 'lost: fencing-disabled'],
    ],
    [
      'f1-partition-minority-view',
      'cmp1',
      'a controller without quorum decides nothing, even as it fences a remote node',
      ['up', 'up', 'up'],
    ],
  ];

  it.each(expected)('%s, %s: %s', (event, node, _sentence, words) => {
    expect(replay(event, node).words).toEqual(words);
  });

  it('e5: a human confirmation is held while the policy does not accept it', () => {
    expect(replay('e5-manual-confirm', 'cmp1').words).toEqual([
      'up',
      'lost: fencing-pending',
      // The next attempt began within the second in which the first failed; joinSnapshot takes them for one.
      'lost: fencing-failed',
      'lost: fencing-failed',
      'lost: human-not-accepted',
      'lost: human-not-accepted',
      'up',
    ]);
  });

  it('e5: a human confirmation proves when the policy accepts it, and is told apart', () => {
    const { words, watch } = replay('e5-manual-confirm', 'cmp1', { acceptHumanConfirmation: true });
    expect(words.slice(4, 6)).toEqual(['proven', 'proven']);
    expect(watch.sentences.join('\n')).toContain('off by a human at 06:23:11');
  });

  it('no event makes a node that was not its target lost, proven or missed', () => {
    const targets: Record<string, string> = {
      'a1-nonDC-killed': 'ctl3',
      'a4-pacemakerd-crash-only': 'ctl1',
      'b2-remote-host-gone': 'cmp1',
      'e1-manual-fence': 'cmp2',
      'e3-fence-hangs': 'cmp1',
    };
    for (const [event, target] of Object.entries(targets)) {
      for (const run of recordedRuns(event)) {
        const watch = watching(everywhere);
        for (const snapshot of run) {
          const { verdicts, missed } = watch.see(snapshot);
          const others = verdicts.filter((verdict) => verdict.node !== target);
          expect(others.map(inAWord).filter((word) => word !== 'up' && word !== 'hands-off')).toEqual([]);
          expect(missed).toEqual([]);
        }
      }
    }
  });

  it('runs without any node_state are decided the same way from crm_mon alone', () => {
    const words = recordedRuns('b1-remote-process-gone')[0]?.map((_snapshot, index, run) => {
      const watch = watching();
      for (const earlier of run.slice(0, index + 1)) watch.see(earlier);
      return inAWord(watch.verdict('cmp1'));
    });
    expect(words).toEqual(['up', 'lost: fencing-pending', 'proven', 'proven', 'proven', 'up', 'up']);
  });

  it('at cluster start "UNCLEAN (online)" remote nodes are not failures, with or without memory of them', () => {
    const start = recordedFile('startup-unclean-online.xml');
    const fresh = watching();
    fresh.see(start);
    expect(['cmp1', 'cmp2', 'cmp3'].map((node) => inAWord(fresh.verdict(node)))).toEqual(Array(3).fill('hands-off'));

    const remembering = watching();
    remembering.see(recordedRun('a1-nonDC-killed')[0] ?? start);
    remembering.see(start);
    expect(inAWord(remembering.verdict('cmp1'))).toBe('hands-off');
  });
});
