/**
 * `npm run lab -- …`: a cluster to try things on. Exit status: 0 done, 1 failed, 2 not understood; `exec` ends with the
 * status of its command.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isLifeboatError, messageOf } from '../../../src/errors.ts';
import { BMC_MODES } from './bmc-mode.ts';
import { inNode } from './exec.ts';
import { LabError } from './lab-error.ts';
import { openLab, startLab } from './lab.ts';
import type { Lab } from './lab.ts';
import { layoutOf } from './layout.ts';
import { findNode, readPlan } from './plan.ts';
import { NODE_ENVIRONMENT } from './power.ts';
import { checkMachine } from './requirements.ts';
import { remainsOf, removeLab } from './removal.ts';
import { statusOf } from './status.ts';

const HELP = `npm run lab -- COMMAND

  up [CONTROLLERS] [COMPUTES]   start a cluster (3 and 3) and leave it running
  down                          end it and remove every trace
  status                        power, processes and memory of each node
  wait [COUNT]                  wait until all nodes (or COUNT of them) are online
  exec NODE COMMAND…            run a command in a node, for example: exec ctl1 crm_mon -1
  power                         what happened to the nodes' power, with times

  kill NODE                     power cut
  poweron NODE                  power on
  crash NODE                    SIGKILL to the cluster's daemons only
  start-daemons NODE            start them again
  freeze NODE, thaw NODE        the whole host stands still, and goes on
  partition NODE…               cut these nodes off; they see each other
  heal NODE…                    mend their cables
  stop NODE                     clean shutdown
  bmc NODE|'*' MODE             how fencing goes: ${BMC_MODES}

Nodes are ctl1, ctl2 … and cmp1, cmp2 …. LIFEBOAT_LAB names the lab (default "lab").
If dist/usr exists (npm run build), every node has it over its /usr.
`;

const PROJECT = join(import.meta.dirname, '..', '..', '..');
const name = process.env['LIFEBOAT_LAB'] ?? 'lab';

type Command = (words: readonly string[]) => Promise<number>;

const COMMANDS: Readonly<Record<string, Command>> = {
  up: async (words) => {
    const [controllers = 3, computes = 3] = numbers(words, 'up [CONTROLLERS] [COMPUTES]', 2);
    const overlay = [join(PROJECT, 'dist', 'usr')].filter((folder) => existsSync(folder));
    const startedAt = performance.now();
    const say = (what: string): void => {
      process.stdout.write(`${what} after ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
    };
    const lab = await startLab({ name, controllers, computes, overlay, owner: 'detached', until: 'booted' });
    say(`${lab.nodes.length} nodes on`);
    await lab.waitOnline({ deadlineMs: 180_000 });
    say('all online');
    return 0;
  },
  down: async (words) => {
    expect(words, 0, 'down');
    checkMachine();
    const layout = layoutOf(name);
    const was = remainsOf(layout).length > 0;
    await removeLab(layout);
    process.stdout.write(was ? `the lab "${name}" is gone\n` : `there was no lab "${name}"\n`);
    return 0;
  },
  status: async (words) => {
    expect(words, 0, 'status');
    openLab(name);
    process.stdout.write(statusOf(layoutOf(name)));
    return 0;
  },
  wait: async (words) => {
    const lab = openLab(name);
    const [count = lab.nodes.length] = numbers(words, 'wait [COUNT]', 1);
    await lab.waitCount(count, { deadlineMs: 120_000 });
    return 0;
  },
  exec: async ([node, ...argv]) => {
    if (node === undefined || argv.length === 0) throw usage('exec NODE COMMAND…');
    openLab(name);
    findNode(readPlan(layoutOf(name)), node);
    const [program = '', ...rest] = inNode(layoutOf(name), node, argv);
    const { TERM = 'dumb' } = process.env;
    const ended = spawnSync(program, rest, { stdio: 'inherit', env: { ...NODE_ENVIRONMENT, TERM }, cwd: '/' });
    return ended.status ?? 1;
  },
  power: async (words) => {
    expect(words, 0, 'power');
    for (const { atMs, ...event } of openLab(name).powerLog()) {
      process.stdout.write(`${new Date(atMs).toISOString()} ${Object.values(event).join(' ')}\n`);
    }
    return 0;
  },
  kill: onNode((lab, node) => lab.kill(node)),
  poweron: onNode((lab, node) => lab.powerOn(node)),
  crash: onNode((lab, node) => lab.crash(node)),
  'start-daemons': onNode((lab, node) => lab.startDaemons(node)),
  freeze: onNode(async (lab, node) => lab.freeze(node)),
  thaw: onNode(async (lab, node) => lab.thaw(node)),
  stop: onNode((lab, node) => lab.stop(node)),
  partition: onNodes((lab, nodes) => lab.partition(...nodes)),
  heal: onNodes((lab, nodes) => lab.heal(...nodes)),
  bmc: async (words) => {
    const [node, mode] = words;
    if (node === undefined || mode === undefined || words.length > 2) throw usage("bmc NODE|'*' MODE");
    await openLab(name).bmc(node, mode);
    return 0;
  },
  help: async () => {
    process.stdout.write(HELP);
    return 0;
  },
};

function onNode(act: (lab: Lab, node: string) => Promise<void>): Command {
  return async (words) => {
    const [node] = words;
    if (node === undefined || words.length > 1) throw usage('this command takes one NODE');
    await act(openLab(name), node);
    return 0;
  };
}

function onNodes(act: (lab: Lab, nodes: readonly string[]) => Promise<void>): Command {
  return async (words) => {
    if (words.length === 0) throw usage('this command takes at least one NODE');
    await act(openLab(name), words);
    return 0;
  };
}

function numbers(words: readonly string[], form: string, most: number): readonly number[] {
  if (words.length > most || !words.every((word) => /^\d+$/.test(word))) throw usage(form);
  return words.map(Number);
}

function expect(words: readonly string[], count: number, form: string): void {
  if (words.length !== count) throw usage(form);
}

function usage(form: string): LabError {
  return new LabError('bad-argument', `usage: ${form}; "npm run lab -- help" lists all commands`);
}

async function main([word = 'help', ...words]: readonly string[]): Promise<number> {
  const command = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
  if (command === undefined)
    throw new LabError('bad-argument', `no command "${word}"; "npm run lab -- help" lists all`);
  return command(words);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`lab: ${messageOf(error)}\n`);
  if (isLifeboatError(error)) process.stderr.write(`     ${error.hint}\n`);
  const misunderstood = error instanceof LabError && (error.kind === 'bad-argument' || error.kind === 'unknown-node');
  process.exitCode = misunderstood ? 2 : 1;
}
