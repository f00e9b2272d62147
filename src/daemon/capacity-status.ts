import type { CapacityStatus } from '../control/protocol.ts';
import { describeShortfall, type CapacityWatch } from '../engine/plan/capacity-watch.ts';

const SHOWN = 20;

export function capacityStatus({ failure, looked, shortfalls }: CapacityWatch): CapacityStatus {
  return {
    looked,
    short: shortfalls.length,
    shortfalls: shortfalls.slice(0, SHOWN).map((shortfall) => {
      const { homeless, host, of } = shortfall;
      return { host, homeless, of, sentence: describeShortfall(shortfall) };
    }),
    failure,
  };
}

/** What follows the summary in crm_mon; empty while every instance would find a place. */
export function capacityWords(capacity: CapacityWatch | undefined): string {
  const short = capacity?.shortfalls.length ?? 0;
  if (short === 0) return '';
  return `, N+1 not met for ${short === 1 ? (capacity?.shortfalls[0]?.host ?? 'a host') : `${short} hosts`}`;
}
