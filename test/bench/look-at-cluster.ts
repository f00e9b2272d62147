import { decide } from '../../src/bridge/decide.ts';
import { emptyMemory } from '../../src/bridge/memory.ts';
import { parseCrmMon } from '../../src/crm/crm-mon.ts';
import { parseFenceHistory } from '../../src/crm/fence-history.ts';
import { joinSnapshot } from '../../src/crm/join-snapshot.ts';
import { parseCibNodes } from '../../src/crm/node-state.ts';
import { largeCluster } from '../unit/crm/documents.ts';

/** CPU of each of some looks at a cluster of so many remote nodes, in ms, the least first. */
export function lookAtCluster(
  count: number,
  looks: number,
): { readonly cpuMs: readonly number[]; readonly xmlKb: number } {
  const { crmMon, cib, history } = largeCluster(count);
  const policy = {
    acceptHumanConfirmation: true,
    hostMap: {},
    hostAttribute: 'lifeboat-host',
    ignoredNodes: [],
    novaHosts: Array.from({ length: count }, (_, index) => `cmp${index}`),
    paused: false,
  };
  let memory = emptyMemory;
  const look = (_: unknown, run: number): number => {
    const before = process.cpuUsage();
    const readAtMs = Date.UTC(2026, 10, 22, 12) + run * 5_000;
    const parts = {
      crmMon: parseCrmMon(crmMon),
      cibNodes: parseCibNodes(cib),
      fenceHistory: parseFenceHistory(history),
    };
    memory = decide(joinSnapshot({ readAtMs, localNode: 'ctl1', ...parts }), memory, policy, readAtMs).memory;
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  const cpuMs = Array.from({ length: looks }, look).sort((a, b) => a - b);
  return { cpuMs, xmlKb: crmMon.length / 1000 };
}
