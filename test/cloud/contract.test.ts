import { afterAll, beforeAll } from 'vitest';
import { cloudContract } from '../contract/cloud.ts';
import { wireContract } from '../contract/wire/contract.ts';
import { contractCloud } from './contract-stage.ts';
import type { ContractCloud } from './contract-stage.ts';
import { attachCloud, startCloud } from './lab/index.ts';
import type { CloudLab } from './lab/index.ts';

const BEAT_S = 1;

/** A cloud that is up already, by its name, started with --quick and --hosts 6; without it one is started and ended. */
const { LIFEBOAT_CLOUD: running, LIFEBOAT_WIRE_RECORD: record } = process.env;

let lab: CloudLab | undefined;
let cloud: ContractCloud | undefined;

beforeAll(async () => {
  const hosts = Array.from({ length: 6 }, (_, index) => `compute-${index + 1}`);
  const options = { hosts, reportIntervalS: BEAT_S, serviceDownTimeS: 5 };
  lab = running === undefined ? await startCloud({ name: 'contract', ...options }) : await attachCloud(running);
  // What a run that was ended half-way left behind.
  if (running !== undefined) await lab.reset();
  cloud = await contractCloud(lab, BEAT_S * 1_000);
}, 600_000);

afterAll(async () => {
  await cloud?.close();
  if (running === undefined) await lab?.down();
}, 120_000);

const stage: ContractCloud['stage'] = () => {
  if (cloud === undefined) throw new Error('the cloud did not start');
  return cloud.stage();
};

cloudContract('nova', stage);
wireContract('nova', stage, record === '1');
