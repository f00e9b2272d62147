/** One safety rule taken out of the code, and the test that must notice. docs/safety.md is made from this table. */
export interface Cut {
  /** S1 … S10 of the design. */
  readonly rule: string;
  /** What is no longer so when the code is cut, in one clause. */
  readonly without: string;
  readonly file: string;
  /** Must stand exactly once in the file. */
  readonly code: string;
  readonly instead: string;
  readonly test: string;
  /** The test's own name, whole. */
  readonly name: string;
}

export const CUTS: readonly Cut[] = [
  {
    rule: 'S1',
    without: 'a pending or failed fencing proves as much as a successful one',
    file: 'src/bridge/prove.ts',
    code: "return status === 'success' && (action",
    instead: "return status !== 'pending' && (action",
    test: 'test/unit/bridge/proof.test.ts',
    name: 'a failed fencing proves nothing, though the node has left the membership',
  },
  {
    rule: 'S1',
    without: 'an unfencing ("on") proves that the host is down',
    file: 'src/bridge/prove.ts',
    code: "(action === 'off' || action === 'reboot') && completedAtMs",
    instead: 'completedAtMs',
    test: 'test/unit/bridge/proof.test.ts',
    name: 'an unfencing ("on") proves nothing',
  },
  {
    rule: 'S1',
    without: 'a fencing from before the node was last up proves',
    file: 'src/bridge/prove.ts',
    code: 'if (fencing.completedAtMs < baseline.atMs - CLOCK_SLACK_MS) return false;',
    instead: '',
    test: 'test/unit/bridge/proof.test.ts',
    name: 'an old record that a restarted controller lists late proves nothing',
  },
  {
    rule: 'S1',
    without: 'fencing may be disabled',
    file: 'src/bridge/step.ts',
    code: "presence.membership === 'gone' && snapshot.options.stonithEnabled",
    instead: "presence.membership === 'gone'",
    test: 'test/unit/bridge/proof.test.ts',
    name: 'with fencing disabled nothing becomes proven; enabled again, what then stands counts',
  },
  {
    rule: 'S1',
    without: 'a node that is in the membership may be proven down',
    file: 'src/bridge/step.ts',
    code: "presence.membership === 'gone' && snapshot.options.stonithEnabled",
    instead: 'snapshot.options.stonithEnabled',
    test: 'test/unit/bridge/proof.test.ts',
    name: 'a remote node is not proven while its connection is shown as Started, though node_fenced is set',
  },
  {
    rule: 'S2',
    without: 'the bridge decides without quorum',
    file: 'src/bridge/partition.ts',
    code: "return snapshot.quorate ? 'granted' : 'no-quorum';",
    instead: "return 'granted';",
    test: 'test/unit/bridge/quorum.test.ts',
    name: 'a successful fencing seen without quorum makes nothing proven',
  },
  {
    rule: 'S2',
    without: 'the engine goes on without quorum',
    file: 'src/engine/permission.ts',
    code: 'if (!snapshot.quorate) {',
    instead: 'if (false as boolean) {',
    test: 'test/unit/engine/recover.test.ts',
    name: 'pauses without quorum and goes on when it is back (S2)',
  },
  {
    rule: 'S3',
    without: 'a rebuilding instance may be sent again',
    file: 'src/engine/judge-move.ts',
    code: "if (instance.taskState?.startsWith('rebuild') === true) return true;",
    instead: '',
    test: 'test/unit/engine/judge-move.test.ts',
    name: 'never while the instance is rebuilding, whoever began that',
  },
  {
    rule: 'S3',
    without: 'a call that was cut off is sent again at once',
    file: 'src/engine/judge-move.ts',
    code: "case 'sending':",
    instead: "case 'sending':\n      return judgeWaiting(move, instance);\n    case 'skipped':",
    test: 'test/unit/engine/judge-move.test.ts',
    name: 'never while a call of ours has an open outcome',
  },
  {
    rule: 'S3',
    without: 'one proof may make two recoveries',
    file: 'src/engine/store/sqlite-store.ts',
    code: ".onConflict((conflict) => conflict.column('proof_id').doNothing())",
    instead: ".onConflict((conflict) => conflict.column('id').doNothing())",
    test: 'test/unit/engine/store.test.ts',
    name: 'takes one proof once: the second notification of it changes nothing',
  },
  {
    rule: 'S4',
    without: 'what the store holds is not taken up',
    file: 'src/engine/engine.ts',
    code: 'for (const run of this.#runs.values()) this.#launch(run);',
    instead: '',
    test: 'test/unit/engine/crash.test.ts',
    name: 'just after its effects 11 to 15: the next one finishes, and evacuates no instance twice (S3, S4)',
  },
  {
    rule: 'S4',
    without: 'the mark in Nova is not read',
    file: 'src/engine/rebuild.ts',
    code: "const mark = service.status === 'disabled' ? readMark(service.disabledReason) : undefined;",
    instead: 'const mark = (undefined as ReturnType<typeof readMark>);',
    test: 'test/unit/engine/crash.test.ts',
    name: 'and replaced by one on another controller after the node came back: Nova’s mark tells what is owed',
  },
  {
    rule: 'S6',
    without: 'the dead host is not forced down',
    file: 'src/engine/keep-out.ts',
    code: 'await cloud.setForcedDown(service.id, true, signal);',
    instead: '',
    test: 'test/unit/engine/recover.test.ts',
    name: 'forces the host down, then marks it, and evacuates only after that (S6)',
  },
  {
    rule: 'S6',
    without: 'a host is given back as soon as its node is up',
    file: 'src/engine/engine.ts',
    code: "if (recovery.state !== 'recovered' && recovery.state !== 'failed') return false;",
    instead: 'if (!keepsOut(recovery)) return false;',
    test: 'test/unit/engine/recover.test.ts',
    name: 'keeps a host out whose node is back while its instances are still on their way (S6)',
  },
  {
    rule: 'S8',
    without: 'maintenance, standby and a disabled connection are failures',
    file: 'src/bridge/decide.ts',
    code: 'const mark = administratorsMark(node, snapshot, policy);',
    instead: 'const mark = undefined as ReturnType<typeof administratorsMark>;',
    test: 'test/unit/bridge/hands-off.test.ts',
    name: 'a node that was marked, died and was fenced is the administrator’s',
  },
  {
    rule: 'S9',
    without: 'a living nova-compute does not stop the recovery',
    file: 'src/engine/recover.ts',
    code: "if (this.#heartbeat?.kind !== 'beating') return undefined;",
    instead: 'if (this.#heartbeat !== null) return undefined;',
    test: 'test/unit/engine/recover.test.ts',
    name: 'stops sending when nova-compute of the fenced host reports again (S9), and goes on after a new fencing',
  },
  {
    rule: 'S10',
    without: 'an instance that is placed elsewhere is called recovered, running or not',
    file: 'src/engine/judge-move.ts',
    code: "if (instance.vmState === 'active' && instance.powerState === 1) return ended(moving, 'done', undefined);",
    instead: "return ended(moving, 'done', undefined);",
    test: 'test/unit/engine/judge-move.test.ts',
    name: 'not when it is there and does not run: it has failed, with the command that starts it',
  },
];
