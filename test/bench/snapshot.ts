/** `npm run bench:snapshot`: what a look at a large cluster costs, from the commands' output to the bridge's decision. */
import { lookAtCluster } from './look-at-cluster.ts';
import { median } from './percentile.ts';

const FIGURE_MS = 60;
const RUNS = 15;

console.log('remote nodes  crm_mon kB  CPU of one look, ms: least, median, most');
let reached = true;
for (const count of [100, 1_000, 4_000]) {
  const { cpuMs, xmlKb } = lookAtCluster(count, RUNS);
  const figures = [cpuMs[0], median(cpuMs), cpuMs.at(-1)].map((ms) => (ms ?? 0).toFixed(0).padStart(5));
  console.log(`${String(count).padStart(12)} ${xmlKb.toFixed(0).padStart(11)}  ${figures.join(' ')}`);
  if (count === 1_000) reached = median(cpuMs) <= FIGURE_MS;
}
console.log(`1,000 remote nodes, median: figure ${FIGURE_MS} ms ${reached ? 'met' : 'NOT MET'}`);
process.exitCode = reached ? 0 : 1;
