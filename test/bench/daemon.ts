/**
 * npm run bench:daemon -- [--seconds N]: what the idle daemon costs in a cluster where nothing happens. CPU in percent of
 * one core over a minute, of the daemon alone and with the commands that it starts; memory at the end. Exit status 1 when
 * a figure is missed.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { layoutOf, nodeCgroup } from '../cluster/lab/layout.ts';
import { startRig } from '../cluster/rig/rig.ts';
import { cpuTicks, megabytes, onlyProcess, percentOfCore } from './process-cost.ts';

const CPU_PERCENT = 1;
const MEMORY_MB = 120;
/** The product's own poll interval; the rig's is shorter, for its tests. */
const POLL_INTERVAL = /^ {2}poll_interval: .*\n/m;
