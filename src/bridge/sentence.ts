import type { Missed } from './decision.ts';
import type { Authority, Phase } from './memory.ts';
import { timeOfDay } from './time-of-day.ts';
import type { Verdict } from './verdict.ts';

/** Two verdicts with one fingerprint say the same; a sentence is due when it changes. */
export function fingerprint(verdict: Verdict): string {
  switch (verdict.state) {
    case 'up':
      return 'up';
    case 'hands-off':
      return `hands-off|${verdict.reason}`;
    case 'lost':
      return `lost|${verdict.lostSinceMs}|${verdict.hold.kind}`;
    case 'proven':
      return `proven|${verdict.proof.id}|${verdict.host}`;
  }
}

/** What changed and why, with its numbers. `sign`: how the loss showed itself. */
export function sentenceOn(verdict: Verdict, phase: Phase): string {
  const { node } = verdict;
  switch (verdict.state) {
    case 'up':
      return `${node} is up`;
    case 'hands-off':
      return `${node} is left alone: ${verdict.reason}`;
    case 'lost':
      return `${node} is lost since ${timeOfDay(verdict.lostSinceMs)}${signOf(phase)}; held: ${verdict.hold.reason}`;
    case 'proven': {
      const { action, by, completedAtMs } = verdict.proof;
      const fencing = `${action ?? 'fencing'} by ${by} at ${timeOfDay(completedAtMs)}`;
      return `${node} is proven down: ${fencing}; lost since ${timeOfDay(verdict.lostSinceMs)}${signOf(phase)}; Nova host ${verdict.host}`;
    }
  }
}

function signOf(phase: Phase): string {
  return phase.kind === 'lost' || phase.kind === 'proven' ? ` (${phase.sign})` : '';
}

export function sentenceOnMissed(missed: Missed): string {
  return `${missed.node} was missed: ${missed.reason}`;
}

export function sentenceOnAuthority(before: Authority, after: Authority): string | undefined {
  if (before === after || (before === 'unknown' && after === 'granted')) return undefined;
  switch (after) {
    case 'no-quorum':
      return 'this partition has no quorum: nothing is decided, what was known stays';
    case 'no-dc':
      return 'the cluster has no DC: nothing is decided, what was known stays';
    case 'granted':
      return 'quorum and a DC are back: deciding again';
    case 'unknown':
      return undefined;
  }
}
