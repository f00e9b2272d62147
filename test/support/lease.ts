import { systemClock } from '../../src/edge/clock.ts';
import { systemRandomness } from '../../src/edge/randomness.ts';
import { Lease, type LeasePorts } from '../../src/engine/lease.ts';

/** A lease of a holder of its own. By default whoever held it before is believed to be dead. */
export function leaseOf(ports: Pick<LeasePorts, 'store' | 'logger'> & Partial<LeasePorts>): Lease {
  return new Lease({
    clock: systemClock,
    holder: `ctl1 ${systemRandomness.uuid()}`,
    isGone: () => true,
    durationMs: 15_000,
    ...ports,
  });
}
