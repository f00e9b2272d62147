/** `npm run bench:snapshot`: what a look at a large cluster costs, from the commands' output to the bridge's decision. */
import { decide } from '../../src/bridge/decide.ts';
import { emptyMemory } from '../../src/bridge/memory.ts';
import { parseCrmMon } from '../../src/crm/crm-mon.ts';
import { parseFenceHistory } from '../../src/crm/fence-history.ts';
import { joinSnapshot } from '../../src/crm/join-snapshot.ts';
import { parseCibNodes } from '../../src/crm/node-state.ts';
import { largeCluster } from '../unit/crm/documents.ts';

const FIGURE_MS = 60;
const RUNS = 15;
const NOW = Date.UTC(2026, 10, 22, 12);

console.log('remote nodes  crm_mon kB  CPU of one look, ms: least, median, most');
let reached = true;
for (const count of [100, 1_000, 4_000]) {
  const { crmMon, cib, history } = largeCluster(count);
  const novaHosts = Array.from({ length: count }, (_, index) => `cmp${index}`);
  const policy = {
    acceptHumanConfirmation: true,
    hostMap: {},
    hostAttribute: 'lifeboat-host',
    ignoredNodes: [],
    novaHosts,
    paused: false,
  };
  let memory = emptyMemory;
  const look = (_: unknown, run: number): number => {
    const before = process.cpuUsage();
    const readAtMs = NOW + run * 5_000;
    const parts = {
      crmMon: parseCrmMon(crmMon),
      cibNodes: parseCibNodes(cib),
      fenceHistory: parseFenceHistory(history),
    };
    memory = decide(joinSnapshot({ readAtMs, localNode: 'ctl1', ...parts }), memory, policy, readAtMs).memory;
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  const cpuMs = Array.from({ length: RUNS }, look).sort((a, b) => a - b);
  const figures = [cpuMs[0], cpuMs[Math.floor(RUNS / 2)], cpuMs[RUNS - 1]].map((ms) =>
    (ms ?? 0).toFixed(0).padStart(5),
  );
  console.log(`${String(count).padStart(12)} ${(crmMon.length / 1000).toFixed(0).padStart(11)}  ${figures.join(' ')}`);
  if (count === 1_000) reached = (cpuMs[Math.floor(RUNS / 2)] ?? Infinity) <= FIGURE_MS;
}
console.log(`1,000 remote nodes, median: figure ${FIGURE_MS} ms ${reached ? 'met' : 'NOT MET'}`);
process.exitCode = reached ? 0 : 1;
