/**
 * npm run demo: a compute node of a real Pacemaker cluster loses its power, and its instances come back elsewhere. Only
 * the cloud is emulated. Exit status: 0 when every instance was recovered, none ran twice and the host was released; 1
 * when not, or when this machine cannot carry the lab; 2 for arguments that were not understood.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isLifeboatError, messageOf } from '../src/errors.ts';
import { ensurePackages } from '../test/cluster/lab/index.ts';
import { layoutOf } from '../test/cluster/lab/layout.ts';
import { refuseLabInUse } from '../test/cluster/lab/removal.ts';
import { startRig, type Rig } from '../test/cluster/rig/rig.ts';
import { buildLayout } from './build/layout.ts';
import { parseDemoArguments, USAGE, type DemoOptions } from './demo/arguments.ts';
import { clearAway } from './demo/clear-away.ts';
import { allRecovered, outcomeOf } from './demo/outcome.ts';
import { createScreen, type Screen } from './demo/screen.ts';
import { shellLine } from './demo/shell-line.ts';
import { tellPowerCut } from './demo/story.ts';
import { timesTable } from './demo/times.ts';
import { showAfter, showBefore, showConfiguration, showHowToPlay } from './demo/views.ts';

const LAB = 'demo';
const VICTIM = 'cmp1';
/** Slow enough to watch: a target starts two instances at a time, each in a second. */
const CLOUD = { spawnMs: 1_000, spawnConcurrency: 2 };

const screen = createScreen({
  write: (text) => process.stdout.write(text),
  colours: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
});
const parsed = parseDemoArguments(process.argv.slice(2));
if (parsed.kind === 'run') process.exit(await run(screen, parsed.options));
if (parsed.kind === 'misunderstood') process.stderr.write(`demo: ${parsed.reason}\n\n`);
process[parsed.kind === 'help' ? 'stdout' : 'stderr'].write(USAGE);
process.exitCode = parsed.kind === 'help' ? 0 : 2;

async function run(out: Screen, options: DemoOptions): Promise<number> {
  const refusal = reasonNotToStart();
  if (refusal !== undefined) {
    process.stderr.write(`demo: ${refusal}\n`);
    return 1;
  }
  let ending: Promise<void> | undefined;
  const interrupt = (signal: NodeJS.Signals): void => {
    out.line(`\n${signal}: taking the lab down`);
    ending ??= clearAway(out, LAB).finally(() => process.exit(130));
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  let rig: Rig | undefined;
  try {
    rig = await setUp(out, options);
    const code = await perform(out, rig, options);
    if (ending !== undefined) return await ending.then(() => 130);
    if (options.keep) showHowToPlay(out, LAB);
    else if (code === 0) await rig.down();
    else await clearAway(out, LAB);
    return code;
  } catch (error) {
    // The interrupt took the lab away from under us; what failed then is no news.
    if (ending !== undefined) return await ending.then(() => 130);
    process.stderr.write(`demo: ${messageOf(error)}\n`);
    if (isLifeboatError(error)) process.stderr.write(`      ${error.hint}\n`);
    if (rig !== undefined) await clearAway(out, LAB);
    return 1;
  }
}

function reasonNotToStart(): string | undefined {
  if (process.platform !== 'linux') return 'it needs Linux: Debian 12 or a relative, for example in a virtual machine';
  if (process.getuid?.() !== 0) return 'it needs root for namespaces and packages: sudo npm run demo';
  try {
    refuseLabInUse(layoutOf(LAB));
  } catch (error) {
    return `${messageOf(error)}: LIFEBOAT_LAB=${LAB} npm run lab -- down`;
  }
  return undefined;
}

async function setUp(out: Screen, options: DemoOptions): Promise<Rig> {
  out.heading('Setting up');
  out.line('checking packages; missing ones are installed with apt-get');
  await ensurePackages();
  out.line('building dist/');
  const repository = resolve(import.meta.dirname, '..');
  await buildLayout({ repository, outDirectory: `${repository}/dist` });
  showConfiguration(out);
  let commandsShown = false;
  return startRig({
    name: LAB,
    controllers: 3,
    computes: 3,
    instances: options.instances,
    cloud: CLOUD,
    owner: options.keep ? 'detached' : 'process',
    onStep: (sentence) => {
      out.line(sentence);
    },
    onCommand: (argv) => {
      if (!commandsShown) out.line('on one controller:');
      commandsShown = true;
      out.block(`# ${shellLine(argv)}`);
    },
  });
}

async function perform(out: Screen, rig: Rig, { jsonFile }: DemoOptions): Promise<number> {
  await showBefore(out, rig);
  out.heading(`The power of ${VICTIM} is cut`);
  const told = await tellPowerCut(rig, out, VICTIM);
  await showAfter(out, rig);
  out.heading('Times');
  for (const line of timesTable(told)) out.line(line);

  const doubles = await rig.cloud.doubleRuns();
  const { cut, recovery } = told;
  const [instances, recovered] = [told.instances.length, told.recovered.length];
  const outcome = outcomeOf({ host: VICTIM, instances, recovered, recovery, cut });
  if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(outcome)}\n`);
  out.line();
  out.line(`${recovered} of ${instances} instances run elsewhere; ${doubles.length} ran on two hosts at once.`);
  if (told.releasedAtMs === undefined) out.line(`${VICTIM} was not released; lifeboat status says why.`);
  return allRecovered(outcome) && doubles.length === 0 && told.releasedAtMs !== undefined ? 0 : 1;
}
