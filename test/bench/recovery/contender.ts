import type { CloudLab } from '../../cloud/lab/cloud-lab.ts';
import type { CloudProxy } from '../../cloud/proxy/proxy.ts';
import type { NovaClient } from '../../cloud/support/nova-client.ts';

export const CONTENDERS = ['floor', 'lifeboat', 'tuned', 'masakari'] as const;
export type ContenderName = (typeof CONTENDERS)[number];

export const TITLES: Readonly<Record<ContenderName, string>> = {
  floor: 'bare loop',
  lifeboat: 'Lifeboat',
  tuned: 'Masakari, tuned',
  masakari: 'Masakari, default',
};

/** What every contender is given: the same cloud behind the same proxy, the same failed host. */
export interface Stage {
  readonly cloud: CloudLab;
  readonly proxy: CloudProxy;
  /** Straight to Nova, past the proxy: the benchmark's own calls are not counted. */
  readonly nova: NovaClient;
  /** The first of the cloud's hosts. */
  readonly victim: string;
  /** Evacuations in flight at one time: Lifeboat's default, and everybody's who can be told. */
  readonly parallel: number;
  /** Where the contenders keep their state and their logs. */
  readonly dir: string;
  /** Where the build of Lifeboat lies that is measured. */
  readonly installed: string;
}

/** Makes ready whatever runs before the failure in a real installation: processes, segments, a token. */
export type StartContender = (stage: Stage) => Promise<Session>;

export interface Session {
  /** Before the failure, for a contender that is helped. */
  readonly beforeFailure?: () => Promise<void>;
  /** From the failure on. Resolves when the contender itself says that it is over; rejects when `signal` aborts. */
  readonly recover: (signal: AbortSignal) => Promise<void>;
  /** Asked while the contender still runs, after its recovery. */
  readonly memory?: () => Memory;
  readonly end: () => Promise<void>;
}

/** MB of 1024 kB. */
export interface Memory {
  /** The most that was ever resident (VmHWM). */
  readonly peak: number;
  readonly resident: number;
  /** Resident, with pages that others map too counted in part. */
  readonly share: number;
}
