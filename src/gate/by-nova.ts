import { afterTheMoves, findHost, hostsOfNode, misspelt, type GateAnswer, type GatePurpose } from '../engine/gate.ts';
import { readMark } from '../engine/mark.ts';
import type { ComputeService, Evacuation } from '../openstack/cloud.ts';

/** What Nova shows of the host, and what this machine knows of itself. Times are milliseconds since the epoch. */
export interface NovaView {
  /** Every nova-compute service. */
  readonly services: readonly ComputeService[];
  /** Away from the host, of all times. */
  readonly evacuations: readonly Evacuation[];
  /** When this machine (or the container that stands for it) began to run, by the cloud's clock. */
  readonly bootedAtMs: number;
}

/** The clocks of Keystone and of Nova's machines may differ by less than this; more breaks tokens as well. */
const CLOCKS_MS = 60_000;
/** An evacuation in one of these may still come to its end, on another host. */
const UNDER_WAY: readonly string[] = ['accepted', 'pre-migrating'];

/**
 * Whether it may start, when no engine can be asked: from the mark that the engine leaves in Nova, and else from whether
 * this machine has run without a break since nova-compute was last heard. What Nova does not tell is `unknown`: a machine
 * that has booted since may have been fenced, and the next engine may be about to answer that fencing. The table stands in
 * docs/decisions/0027-the-gate.md, in this order.
 */
export function judgeByNova(asked: string, purpose: GatePurpose, view: NovaView): GateAnswer {
  const spelling = findHost(
    asked,
    view.services.map(({ host }) => host),
  );
  if (spelling.kind === 'alike') return misspelt(asked, spelling.hosts);
  const service = view.services.find(({ host }) => spelling.kind === 'found' && host === spelling.host);
  if (service === undefined) {
    const marked = view.services.flatMap(({ host, disabledReason }) => {
      const node = readMark(disabledReason)?.node;
      return node === undefined ? [] : { node, host };
    });
    const ofNode = hostsOfNode(asked, marked);
    if (ofNode.length > 0) return misspelt(asked, ofNode);
    return { gate: 'open', reason: `Nova has no nova-compute on ${asked} yet, so nothing was placed there` };
  }
  return byMark(service, purpose) ?? byRecords(service, purpose, view) ?? byHeartbeat(service, view);
}

const ASK_AN_ENGINE = 'let the engine run, and be reached at gate.engines';

function byMark(service: ComputeService, purpose: GatePurpose): GateAnswer | undefined {
  const { forcedDown, host } = service;
  const mark = service.status === 'disabled' ? readMark(service.disabledReason) : undefined;
  if (mark?.kind === 'suspect') return closed(`${host} was lost to the cluster and is not seen back by an engine yet`);
  if (mark?.ended !== undefined && !forcedDown) {
    return { gate: 'open', reason: `${host} is clean after its recovery, and was about to be given back` };
  }
  if (mark?.ended !== undefined) return afterTheMoves(host, purpose);
  if (mark !== undefined && forcedDown) return closed(`${host} is being recovered, by what Nova says`);
  if (mark !== undefined) return unknown(`${host} was being recovered, and somebody lifted forced-down since`);
  if (!forcedDown) return undefined;
  return {
    gate: 'unknown',
    reason: `${host} is forced down in Nova, and no mark of Lifeboat says why`,
    remedy: `${ASK_AN_ENGINE}; or, when nothing is evacuated from it: openstack compute service set --up ${host} nova-compute`,
  };
}

function byRecords(service: ComputeService, purpose: GatePurpose, view: NovaView): GateAnswer | undefined {
  const { host } = service;
  const underWay = view.evacuations.find(({ status }) => UNDER_WAY.includes(status));
  if (underWay !== undefined) {
    return unknown(
      `the evacuation of ${underWay.instanceId} from ${host} is ${underWay.status}, or was left behind so`,
    );
  }
  const isDirty = view.evacuations.some(({ status }) => status === 'done');
  return isDirty && purpose === 'guests' ? afterTheMoves(host, purpose) : undefined;
}

function byHeartbeat(service: ComputeService, view: NovaView): GateAnswer {
  const { host, updatedAtMs } = service;
  if (updatedAtMs !== undefined && updatedAtMs > view.bootedAtMs + CLOCKS_MS) {
    return {
      gate: 'open',
      reason: `nova-compute of ${host} was heard since this machine has booted: it was not fenced`,
    };
  }
  return unknown(`${host} has booted since nova-compute was last heard: it may have been fenced`);
}

function closed(reason: string): GateAnswer {
  return { gate: 'closed', reason, remedy: ASK_AN_ENGINE };
}

function unknown(reason: string): GateAnswer {
  return { gate: 'unknown', reason, remedy: ASK_AN_ENGINE };
}
