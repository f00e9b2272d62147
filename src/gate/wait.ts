import type { GateAnswer } from '../engine/gate.ts';
import { sleep, type Clock } from '../ports.ts';

export interface WaitPorts {
  readonly ask: () => Promise<GateAnswer>;
  readonly clock: Clock;
  /** One line for the journal. */
  readonly say: (line: string) => void;
  readonly limits: WaitLimits;
}

export interface WaitLimits {
  /** 0: for ever. */
  readonly timeoutMs: number;
  readonly pollIntervalMs: number;
  readonly whenUnknown: 'refuse' | 'open';
  readonly unknownPatienceMs: number;
}

export interface Verdict {
  readonly may: 'start' | 'not start';
  readonly line: string;
}

/** What is waited for is said again after this long. */
const SAY_AGAIN_MS = 30_000;

/** Asks until the gate opens, or the time is over. Says what it waits for: when that changes, and every 30 s. */
export async function waitForGate({ ask, clock, say, limits }: WaitPorts): Promise<Verdict> {
  const beganAtMs = clock.monotonic();
  let said = { gate: '', reason: '', atMs: Number.NEGATIVE_INFINITY };
  let doubtSinceMs: number | undefined;
  for (;;) {
    const answer = await ask();
    const now = clock.monotonic();
    if (answer.gate === 'open') return { may: 'start', line: describe(answer) };
    doubtSinceMs = answer.gate === 'unknown' ? (doubtSinceMs ?? now) : undefined;
    const isDoubtLong = doubtSinceMs !== undefined && now - doubtSinceMs >= limits.unknownPatienceMs;
    if (limits.whenUnknown === 'open' && isDoubtLong) return openInDoubt(answer);
    const leftMs = limits.timeoutMs === 0 ? Number.POSITIVE_INFINITY : beganAtMs + limits.timeoutMs - now;
    if (leftMs <= 0) return { may: 'not start', line: describe(answer) };
    if (said.gate !== answer.gate || said.reason !== answer.reason || now - said.atMs >= SAY_AGAIN_MS) {
      say(describe(answer, now - beganAtMs));
      said = { gate: answer.gate, reason: answer.reason, atMs: now };
    }
    await sleep(clock, Math.min(limits.pollIntervalMs, leftMs));
  }
}

/** The same without waiting: what is in doubt is decided at once. */
export function judgeAtOnce(answer: GateAnswer, whenUnknown: WaitLimits['whenUnknown']): Verdict {
  if (answer.gate === 'unknown' && whenUnknown === 'open') return openInDoubt(answer);
  return { may: answer.gate === 'open' ? 'start' : 'not start', line: describe(answer) };
}

function openInDoubt(answer: GateAnswer): Verdict {
  return { may: 'start', line: `open because gate.when_unknown says so, though in doubt: ${answer.reason}` };
}

const WORDS = { open: 'open', closed: 'closed', unknown: 'in doubt' } as const;

function describe(answer: GateAnswer, waitedMs?: number): string {
  const since = answer.sinceMs === undefined ? '' : `, since ${new Date(answer.sinceMs).toISOString().slice(0, 19)}Z`;
  const todo = answer.remedy === undefined ? '' : `; do: ${answer.remedy}`;
  const waiting = waitedMs === undefined ? '' : `; waiting for ${Math.round(waitedMs / 1000)} s`;
  return `${WORDS[answer.gate]}: ${answer.reason}${since}${todo}${waiting}`;
}
