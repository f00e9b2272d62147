import { CUTS } from '../../test/safety/cuts.ts';

interface Rule {
  readonly rule: string;
  readonly says: string;
  /** Where it is shown on a real Pacemaker cluster; undefined where only a failing controller or test could. */
  readonly cluster: string;
}

const RULES: readonly Rule[] = [
  {
    rule: 'S1',
    says: 'No instance is evacuated unless its host is proven down: a successful fencing (off or reboot) of that node, or a human’s `stonith_admin --confirm` if the policy accepts it, completed after the loss began, in a quorate partition with fencing enabled, and the node not seen in the membership since.',
    cluster: 'test/cluster/bad-days/fencing.test.ts',
  },
  {
    rule: 'S2',
    says: 'Without quorum or a DC nothing is decided and nothing is done; what is in flight pauses.',
    cluster: 'test/cluster/bad-days/controllers.test.ts',
  },
  {
    rule: 'S3',
    says: 'An instance has at most one evacuation in flight. Before each call Nova must say that the instance is still on the dead host.',
    cluster: 'test/cluster/bad-days/cloud.test.ts',
  },
  {
    rule: 'S4',
    says: 'A notification is on disk before it is acted on, and a recovery that is cut off anywhere goes on where it stopped, on this controller or another.',
    cluster: 'test/cluster/bad-days/controllers.test.ts',
  },
  {
    rule: 'S5',
    says: 'One engine acts. Every write is conditional on the epoch of its lease in the store, in the same transaction; before every call that changes something in Nova the lease must be valid by the engine’s own clocks, with a margin. A deposed engine’s writes and calls are refused.',
    cluster: 'test/cluster/bad-days/two-engines.test.ts',
  },
  {
    rule: 'S6',
    says: 'A dead host is forced down in Nova before the first evacuation, and given back only when every move has ended and the host is back and clean.',
    cluster: 'test/cluster/bad-days/cloud.test.ts',
  },
  {
    rule: 'S7',
    says: 'More losses than the limits allow (count, share of a segment, share of the cluster, within a window) holds all of them that have not begun and says so; an operator or the end of the storm lets them go.',
    cluster: 'test/cluster/bad-days/storm.test.ts',
  },
  {
    rule: 'S8',
    says: 'Maintenance, standby, a clean shutdown, an unmanaged or disabled connection, a paused Lifeboat: not failures.',
    cluster: 'test/cluster/bad-days/hands-off.test.ts',
  },
  {
    rule: 'S9',
    says: 'A heartbeat of nova-compute after the fencing means that the fencing lied: hold, and evacuate nothing more from that host.',
    cluster: 'test/cluster/bad-days/fencing.test.ts',
  },
  {
    rule: 'S10',
    says: 'A state says what was verified. `recovered` means that every instance that should run was seen running elsewhere.',
    cluster: 'test/cluster/bad-days/losses.test.ts',
  },
];

/** docs/safety.md: each rule, the code that was cut to try it, and the test that went red. */
export function safetyPage(): string {
  const rules = RULES.map(({ rule, says, cluster }) => {
    const cuts = CUTS.filter((cut) => cut.rule === rule).map(
      (cut) => `| ${cut.without} | \`${cut.file}\` | ${cut.name.replaceAll('|', '\\|')} (\`${cut.test}\`) |`,
    );
    return [
      `## ${rule}`,
      says,
      ['| taken out, so that | in | the test that goes red |', '|---|---|---|', ...cuts].join('\n'),
      `On a real cluster: \`${cluster}\`.`,
    ].join('\n\n');
  });
  return [
    '# Safety rules, and the tests that hold them',
    'Two copies of an instance writing to one disk is worse than an outage. These are the rules that prevent it, and for each of them the proof that a test would notice its absence: `npm test -- --tier safety` takes the code of the rule out of a copy of the repository, one cut at a time, runs the test named here, and fails when that test stays green.',
    'What S5 can and cannot hold with the embedded store, which is on one controller only: [decision 0029](decisions/0029-the-lease.md).',
    ...rules,
  ].join('\n\n');
}
