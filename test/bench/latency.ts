/**
 * npm run bench:latency -- [--cuts N] [--json FILE] [--trace]: power cuts of compute nodes, one after another, in one lab;
 * how long Lifeboat needs from the fencing to the first evacuation that Nova takes. Measured from the fence device's
 * answer in the lab's power log: Pacemaker's own confirmation, on which Lifeboat acts, comes later and is part of the
 * figure. Exit status 1 when an instance was lost or ran twice; the figure itself is printed as met or not met.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startRig, type Rig } from '../cluster/rig/rig.ts';
import { eventually } from '../support/eventually.ts';
import { cutAndFollow, type FollowedCut } from './follow-cut.ts';
import { median, percentile } from './percentile.ts';
import { secondsBetween, secondsOf } from './power-cut.ts';
import { tableLines } from './table.ts';
import { traceAlertFile, TRACE_CIB } from './trace-alert.ts';
import { traceOf, traceTable, type Trace } from './trace.ts';

const INSTANCES = 6;
const MEDIAN_MS = 300;
const PERCENTILE_95_MS = 1_000;

const { values } = parseArgs({
  options: { cuts: { type: 'string', default: '20' }, json: { type: 'string' }, trace: { type: 'boolean' } },
});
const cuts = Number(values.cuts);
if (!Number.isInteger(cuts) || cuts < 1) throw new Error(`--cuts is a whole number from 1; got "${values.cuts}"`);
const tracing = values.trace === true;

const rig = await startRig({
  name: 'bench-latency',
  instances: INSTANCES,
  ...(tracing ? { cib: TRACE_CIB, files: [traceAlertFile()] } : {}),
});
