/** One rule taken out of the code, so that some random run must fail. */
export interface Mutant {
  /** S1 … S10 of the design. */
  readonly rule: string;
  /** What is no longer so, in one clause. */
  readonly without: string;
  readonly file: string;
  /** Must stand exactly once in the file. */
  readonly code: string;
  readonly instead: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    rule: 'S1',
    without: 'a failed fencing proves as much as a successful one',
    file: 'src/bridge/prove.ts',
    code: "return status === 'success' && (action",
    instead: "return status !== 'pending' && (action",
  },
  {
    rule: 'S1',
    without: 'a fencing from before the node was last up proves',
    file: 'src/bridge/prove.ts',
    code: 'if (baseline !== null && !isNewerThanMemory(fencing, question)) return false;',
    instead: '',
  },
  {
    rule: 'S1',
    without: 'a human is believed though the policy does not allow it',
    file: 'src/bridge/prove.ts',
    code: "kind: mayBeHuman && !policy.acceptHumanConfirmation ? 'human-not-accepted' : 'proof'",
    instead: "kind: 'proof'",
  },
  {
    rule: 'S2',
    without: 'the engine goes on without quorum',
    file: 'src/engine/permission.ts',
    code: 'if (!snapshot.quorate) {',
    instead: 'if (false as boolean) {',
  },
  {
    rule: 'S2',
    without: 'a picture of the cluster may be of any age',
    file: 'src/engine/permission.ts',
    code: 'if (ageMs > maxAgeMs) {',
    instead: 'if (false as boolean) {',
  },
  {
    rule: 'S3',
    without: 'a call that was cut off is sent again at once',
    file: 'src/engine/judge-move.ts',
    code: 'so silence means that it never came.\n      if (elapsedMs < limits.settleMs) return',
    instead: 'so silence means that it never came.\n      if (elapsedMs < 0) return',
  },
  {
    rule: 'S3',
    without: 'an instance that is on its way is sent again',
    file: 'src/engine/judge-move.ts',
    code: 'if (isUnderWay(instance, evacuation)) return judgeUnderWay(move, evacuation, elapsedMs, limits);\n  if (evacuation',
    instead: 'if (evacuation',
  },
  {
    rule: 'S4',
    without: 'what the store holds is not taken up',
    file: 'src/engine/engine.ts',
    code: 'this.#runs.launchAll();',
    instead: '',
  },
  {
    rule: 'S4',
    without: 'the mark in Nova is not read',
    file: 'src/engine/rebuild.ts',
    code: "const mark = service.status === 'disabled' ? readMark(service.disabledReason) : undefined;",
    instead: 'const mark = undefined as ReturnType<typeof readMark>;',
  },
  {
    rule: 'S4',
    without: 'nobody is told of a fencing that no engine answered',
    file: 'src/engine/engine.ts',
    code: "this.#background.run('unanswered fencings', () => this.#unanswered.tell(snapshot, this.#verdicts));",
    instead: '',
  },
  {
    rule: 'S4',
    without: 'a failure that could not be written down is forgotten when the host is back',
    file: 'src/engine/engine.ts',
    code: 'this.#acceptance.tellReturned();',
    instead: '',
  },
  {
    rule: 'S5',
    without: 'an engine goes on acting when it could not renew its lease',
    file: 'src/engine/lease.ts',
    code: 'if (this.#ageMs(state.sent) < this.#ports.durationMs * (1 - MARGIN)) return undefined;',
    instead: 'if (state.epoch > 0) return undefined;',
  },
  {
    rule: 'S5',
    without: 'the store takes writes of a deposed engine',
    file: 'src/engine/store/memory-store.ts',
    code: 'if (lease?.epoch === epoch) return lease;',
    instead: 'if (lease !== undefined) return lease;',
  },
  {
    rule: 'S6',
    without: 'the dead host is not forced down',
    file: 'src/engine/keep-out.ts',
    code: 'await cloud.setForcedDown(service.id, true, signal);',
    instead: '',
  },
  {
    rule: 'S6',
    without: 'the mark is not waited for',
    file: 'src/engine/recover.ts',
    code: 'keepOut(cloud, clock, this.#recovery, service, signal),',
    instead: 'keepOut({ ...cloud, disableService: async () => service }, clock, this.#recovery, service, signal),',
  },
  {
    rule: 'S6',
    without: 'a host is given back while its recovery is at work',
    file: 'src/engine/engine.ts',
    code: "if (recovery.state !== 'recovered' && recovery.state !== 'failed') return false;\n    if (this.#runs.isRunning(run)) return false;",
    instead: 'if (!keepsOut(recovery)) return false;',
  },
  {
    rule: 'S6',
    without: 'the gate opens while the host is being recovered',
    file: 'src/engine/gate.ts',
    code: 'if (recovery !== undefined) return byRecovery(recovery, purpose);',
    instead: '',
  },
  {
    rule: 'S7',
    without: 'any number of hosts may be lost at one time',
    file: 'src/engine/storm.ts',
    code: 'if (lost.length <= allowed) return undefined;',
    instead: 'if (lost.length < 1e9) return undefined;',
  },
  {
    rule: 'S8',
    without: 'maintenance, standby and a disabled connection are failures',
    file: 'src/bridge/decide.ts',
    code: 'const mark = administratorsMark(node, snapshot, policy);',
    instead: 'const mark = undefined as ReturnType<typeof administratorsMark>;',
  },
  {
    rule: 'S9',
    without: 'a living nova-compute does not stop the recovery',
    file: 'src/engine/host-witness.ts',
    code: "return this.#heartbeat?.kind === 'beating';",
    instead: 'return false;',
  },
  {
    rule: 'S10',
    without: 'an instance that is placed elsewhere is called recovered, running or not',
    file: 'src/engine/judge-restoration.ts',
    code: "if (isAs(wanted, instance)) return ended(move, 'done', afterwards(move));",
    instead: "return ended(move, 'done', afterwards(move));",
  },
  {
    rule: 'S10',
    without: 'a move is called done as soon as Nova has taken it',
    file: 'src/engine/send-moves.ts',
    code: "const accepted: Move = { ...move, state: 'accepted' };",
    instead: "const accepted: Move = { ...move, state: 'done' };",
  },
];
