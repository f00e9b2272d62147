import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { LabError } from '../../cluster/lab/lab-error.ts';
import { ownerOf } from '../../cluster/lab/plan.ts';
import type { Owner } from '../../cluster/lab/plan.ts';
import type { CloudLabOptions, CloudPorts } from './cloud-lab.ts';
import { checkHostName, planFile, secretsFile } from './layout.ts';
import type { CloudLayout } from './layout.ts';
import { portsFrom } from './ports.ts';

/** What was decided when the cloud was started; every process that works with it reads it from its folder. */
export interface CloudPlan {
  readonly address: string;
  readonly ports: CloudPorts;
  readonly netns: string | null;
  readonly hosts: readonly string[];
  readonly vcpusPerHost: number | null;
  readonly reportIntervalS: number;
  readonly serviceDownTimeS: number;
  readonly novaOptions: Readonly<Record<string, string | number>>;
  readonly apiWorkers: number;
  readonly masakari: boolean;
  readonly owner: Owner;
}

/** Made once per seed. Nothing outside the cloud's folder and the seed holds them. */
export interface CloudSecrets {
  readonly database: string;
  readonly messages: string;
  /** Of every service user, and of admin, lifeboat and demo. */
  readonly admin: string;
  readonly service: string;
  readonly lifeboat: string;
  readonly demo: string;
}

const DEFAULT_HOSTS = ['compute-1', 'compute-2', 'compute-3', 'compute-4'];

/** Throws LabError `bad-argument` for what a caller can get wrong. */
export function planOf(options: CloudLabOptions): CloudPlan {
  const address = options.address ?? '127.0.0.1';
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(address) || address === '0.0.0.0') {
    throw new LabError('bad-argument', `the address must be one IPv4 address of this machine; got "${address}"`);
  }
  const hosts = (options.hosts ?? DEFAULT_HOSTS).map(checkHostName);
  if (new Set(hosts).size !== hosts.length) throw new LabError('bad-argument', 'a host is named twice');
  return {
    address,
    ports: portsFrom(options.portOffset ?? 0),
    netns: options.netns ?? null,
    hosts,
    vcpusPerHost: options.vcpusPerHost ?? null,
    reportIntervalS: positive('reportIntervalS', options.reportIntervalS ?? 10),
    serviceDownTimeS: positive('serviceDownTimeS', options.serviceDownTimeS ?? 60),
    novaOptions: options.novaOptions ?? {},
    apiWorkers: positive('apiWorkers', options.apiWorkers ?? 2),
    masakari: options.masakari ?? false,
    owner: ownerOf(options.owner ?? 'process'),
  };
}

export function writePlan(layout: CloudLayout, plan: CloudPlan): void {
  writeFileSync(`${planFile(layout)}.new`, JSON.stringify(plan, null, 2));
  renameSync(`${planFile(layout)}.new`, planFile(layout));
}

/** Undefined when there is none, or only half a one that a crash left. */
export function readPlanIfThere(layout: CloudLayout): CloudPlan | undefined {
  try {
    return JSON.parse(readFileSync(planFile(layout), 'utf8')) as CloudPlan;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function readSecrets(layout: CloudLayout): CloudSecrets {
  return JSON.parse(readFileSync(secretsFile(layout), 'utf8')) as CloudSecrets;
}

function positive(what: string, value: number): number {
  if (Number.isInteger(value) && value > 0 && value <= 1000) return value;
  throw new LabError('bad-argument', `${what} must be a whole number from 1 to 1000; got ${value}`);
}
