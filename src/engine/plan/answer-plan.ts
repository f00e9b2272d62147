import type { Hold, Verdict } from '../../bridge/verdict.ts';
import type { ClusterSnapshot } from '../../crm/snapshot.ts';
import type { ComputeService } from '../../openstack/cloud.ts';
import type { HostPlan } from './planner.ts';

export interface Obstacle {
  readonly reason: string;
  readonly remedy: string | undefined;
}

export type PlanAnswer =
  | { readonly outcome: 'planned'; readonly plan: HostPlan; readonly obstacles: readonly Obstacle[] }
  | { readonly outcome: 'refused'; readonly reason: string; readonly remedy: string };

export interface PlanView {
  readonly services: readonly ComputeService[];
  readonly verdicts: readonly Verdict[];
  readonly snapshot: ClusterSnapshot | undefined;
  /** Why no effect is allowed now, if so. */
  readonly forbidden: Hold | undefined;
  /** Why nothing new is begun for the host, if so (S7). */
  readonly stormHold: (host: string) => Hold | undefined;
  /** Why the failures of a host are none of ours, if so. */
  readonly leftAlone: (host: string) => Hold | undefined;
  readonly plan: (host: string) => Promise<HostPlan>;
}

/** Plans for a host that is asked for by its name in Nova or by that of its node. Throws what Nova answers. */
export async function answerPlan(asked: string, view: PlanView): Promise<PlanAnswer> {
  const host = hostOf(asked, view);
  if (host === undefined) {
    const reason = `Nova has no compute service on ${asked}, and no cluster node of that name is matched to one`;
    return { outcome: 'refused', reason, remedy: 'openstack compute service list --service nova-compute' };
  }
  return { outcome: 'planned', plan: await view.plan(host), obstacles: obstaclesTo(host, view) };
}

function hostOf(asked: string, { services, verdicts }: PlanView): string | undefined {
  const folded = asked.toLowerCase();
  const service = services.find(({ host }) => host.toLowerCase() === folded);
  return service?.host ?? verdicts.find(({ node }) => node.toLowerCase() === folded)?.host;
}

/** Each rule that would keep the engine from evacuating the host at this moment; none of them: it would. */
function obstaclesTo(host: string, view: PlanView): readonly Obstacle[] {
  const { forbidden, leftAlone, snapshot, stormHold, verdicts } = view;
  const verdict = verdicts.find((each) => each.host === host);
  return [
    ...[forbidden, leftAlone(host), stormHold(host)].filter((hold) => hold !== undefined),
    ...(snapshot?.options.stonithEnabled === false
      ? [{ reason: 'fencing is disabled: no host can be proven down', remedy: 'pcs property set stonith-enabled=true' }]
      : []),
    ...ofVerdict(host, verdict),
  ];
}

function ofVerdict(host: string, verdict: Verdict | undefined): readonly Obstacle[] {
  if (verdict === undefined) {
    const remedy = 'write the node of it under hosts.map in lifeboat.yaml, if it has one';
    return [{ reason: `no cluster node is matched to ${host}: its loss would not be noticed`, remedy }];
  }
  if (verdict.state === 'hands-off') return [{ reason: verdict.reason, remedy: undefined }];
  return verdict.state === 'lost' ? [verdict.hold] : [];
}
