import type { PlannedStatus, PlanStatus } from '../control/protocol.ts';
import type { PlanAnswer } from '../engine/plan/answer-plan.ts';
import type { PlannedMove } from '../engine/plan/plan.ts';

export function planStatus(answer: PlanAnswer): PlanStatus {
  if (answer.outcome === 'refused') return answer;
  const { obstacles, plan } = answer;
  return {
    outcome: 'planned',
    host: plan.host,
    obstacles: obstacles.map(({ reason, remedy }) => ({ reason, remedy })),
    failure: plan.failure,
    moves: plan.moves.map(planned),
  };
}

function planned({ instanceId, name, place, rank }: PlannedMove): PlannedStatus {
  const { priority, group, after } = rank;
  return {
    instance: instanceId,
    name,
    priority,
    group,
    after,
    place: place.kind === 'host' && place.reserved ? 'reserved' : place.kind,
    host: place.kind === 'host' ? place.host : undefined,
    reason: place.kind === 'host' ? undefined : place.reason,
  };
}
