import type { Domain, DomainState } from '../libvirt/domain.ts';
import { conditionOf, endOf, isStandstill, isUp } from './guest.ts';
import type { KnownGuest, KnownGuests } from './guest.ts';

export interface SeenDomain {
  readonly domain: Domain;
  readonly state: DomainState;
}

export interface Finding {
  readonly guest: KnownGuest;
  /** The detail of the lifecycle event that nobody told us. */
  readonly detail: string;
}

export interface Comparison {
  readonly findings: readonly Finding[];
  readonly known: KnownGuests;
}

/**
 * What has happened while nobody told us: libvirt sends no event for a guest that died while libvirtd was down (seen with
 * 9.0, with every client). A known guest that is off, or gone altogether, has ended. `touched`: those of which an event
 * came while the list was made; it is newer than the list.
 */
export function compare(known: KnownGuests, seen: readonly SeenDomain[], touched: ReadonlySet<string>): Comparison {
  const findings: Finding[] = [];
  const next = new Map([...known].filter(([uuid]) => touched.has(uuid)));
  const stateOf = new Map(seen.map((each) => [each.domain.uuid, each]));
  for (const guest of known.values()) {
    if (touched.has(guest.uuid)) continue;
    const found = stateOf.get(guest.uuid);
    if (found === undefined) findings.push({ guest, detail: 'STOPPED_FAILED' });
    else if (!isUp(found.state)) findings.push({ guest, detail: endOf(found.state) });
  }
  for (const { domain, state } of seen) {
    if (touched.has(domain.uuid) || !isUp(state)) continue;
    const guest: KnownGuest = { uuid: domain.uuid, name: domain.name, condition: conditionOf(state) };
    next.set(domain.uuid, guest);
    const isNews = known.get(domain.uuid)?.condition !== guest.condition;
    if (isNews && guest.condition !== 'runs') findings.push({ guest, detail: guest.condition });
  }
  return { findings, known: next };
}

/** What a lifecycle event makes of the known guests. */
export function afterEvent(known: KnownGuests, domain: Domain, detail: string): KnownGuests {
  const { uuid, name } = domain;
  const next = new Map(known);
  const [kind = ''] = detail.split('_', 1);
  if (kind === 'STOPPED') next.delete(uuid);
  else if (kind === 'STARTED' || kind === 'RESUMED') next.set(uuid, { uuid, name, condition: 'runs' });
  else if (detail === 'CRASHED_PANICKED' || kind === 'SUSPENDED') {
    next.set(uuid, { uuid, name, condition: isStandstill(detail) ? detail : 'runs' });
  }
  return next;
}
