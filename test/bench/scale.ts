/**
 * `npm run bench:scale`: how what it takes grows with the cloud. A look at clusters of 100, 1,000 and 5,000 remote nodes,
 * from the commands' output to the decision; and storms in the simulated cloud, from the power cut to the last instance.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lookAtCluster } from './look-at-cluster.ts';
import { median } from './percentile.ts';
import { weatherStorm } from './scale/storm.ts';

const LOOKS = [100, 1_000, 5_000] as const;
const STORMS = [
  { instances: 1_000, hosts: 10 },
  { instances: 10_000, hosts: 100 },
] as const;
const LOOK_FIGURE_MS = 60;
const RSS_FIGURE_MB = 200;
const HEAP: readonly string[] = ['--max-old-space-size=100', '--max-semi-space-size=4'];

const { values } = parseArgs({ options: { storm: { type: 'string' } } });
if (values.storm !== undefined) {
  const [instances = 0, hosts = 0] = values.storm.split('/').map(Number);
  process.stdout.write(`${JSON.stringify(await weatherStorm(instances, hosts))}\n`);
} else {
  process.exitCode = measureAll() ? 0 : 1;
}

function measureAll(): boolean {
  console.log('a look at the cluster, read and decided');
  console.log('remote nodes  CPU ms, median   µs a node');
  const looks = LOOKS.map((nodes) => ({ nodes, ms: median(lookAtCluster(nodes, 9).cpuMs) }));
  for (const { ms, nodes } of looks) {
    console.log(`${cell(nodes, 12)}  ${cell(ms.toFixed(1), 14)}  ${cell(((1000 * ms) / nodes).toFixed(1), 10)}`);
  }
  console.log('\na storm in the simulated cloud, 20 evacuations at one time, 3 s for each');
  console.log('instances  hosts  recovered  failed  held  left  virtual s  CPU s  CPU ms an instance  RSS MB');
  const storms = STORMS.map(({ hosts, instances }) => stormOf(instances, hosts));
  for (const storm of storms) {
    const perInstance = ((1000 * storm.cpuSeconds) / storm.instances).toFixed(2);
    const counts = [storm.recovered, storm.failed, storm.held, storm.left].map((n, at) =>
      cell(n, [9, 6, 4, 4][at] ?? 6),
    );
    console.log(
      `${cell(storm.instances, 9)}  ${cell(storm.hosts, 5)}  ${counts.join('  ')}  ${cell(storm.virtualSeconds.toFixed(0), 9)}  ` +
        `${cell(storm.cpuSeconds.toFixed(1), 5)}  ${cell(perInstance, 18)}  ${cell(storm.rssMb.toFixed(0), 6)}`,
    );
  }
  const look = looks.find(({ nodes }) => nodes === 1_000)?.ms ?? Infinity;
  const most = Math.max(...storms.map(({ rssMb }) => rssMb));
  const left = storms.reduce((sum, storm) => sum + storm.left, 0);
  const figures: readonly (readonly [string, boolean])[] = [
    [`1,000 nodes in at most ${LOOK_FIGURE_MS} ms of CPU`, look <= LOOK_FIGURE_MS],
    ['every instance recovered, or held or failed with a reason', left === 0],
    [
      `at most ${RSS_FIGURE_MB} MB with a heap of 100 MB, the simulated cloud and store included`,
      most <= RSS_FIGURE_MB,
    ],
  ];
  console.log('');
  for (const [figure, isMet] of figures) console.log(`${isMet ? 'met    ' : 'NOT MET'} ${figure}`);
  return figures.every(([, isMet]) => isMet);
}

function stormOf(instances: number, hosts: number): Awaited<ReturnType<typeof weatherStorm>> {
  const script = join(import.meta.dirname, 'scale.ts');
  // A process of its own, whose heap is bounded: without a bound V8 collects late, and what it takes says little of what is
  // needed. The store, the cloud and everything else that is simulated is in it too.
  const child = spawnSync(process.execPath, [...HEAP, script, '--storm', `${instances}/${hosts}`], {
    encoding: 'utf8',
  });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout) as Awaited<ReturnType<typeof weatherStorm>>;
}

function cell(value: number | string, width: number): string {
  return (typeof value === 'number' ? value.toLocaleString('en') : value).padStart(width);
}
