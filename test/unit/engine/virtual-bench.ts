import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyMemory, type Proof, type Verdict } from '../../../src/bridge/index.ts';
import { systemRandomness } from '../../../src/edge/randomness.ts';
import { Engine } from '../../../src/engine/engine.ts';
import type { RecoverLimits } from '../../../src/engine/recover.ts';
import { openSqliteStore } from '../../../src/engine/store/sqlite-store.ts';
import type { Cloud } from '../../../src/openstack/cloud.ts';
import { openCloud } from '../../../src/openstack/open-cloud.ts';
import { sleep } from '../../../src/ports.ts';
import { startEmulator, type Emulator, type EmulatorOptions, type RequestRecord } from '../../emulator/index.ts';
import { leaseOf } from '../../support/lease.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { virtualClock, type VirtualClock } from '../../support/virtual-clock.ts';
import { NO_GUARDS, proven, SNAPSHOT } from './bench.ts';

/** As the product has them. */
const LIMITS: RecoverLimits = {
  settleMs: 15_000,
  moveTimeoutMs: 600_000,
  attempts: 3,
  parallel: 20,
  followMs: 1_000,
  retryDelayMs: 5_000,
  witnessSilenceMs: 60_000,
  cloudPatienceMs: 5_000,
  releaseRetryMs: 2_000,
};

const GIVE_UP_MS = 600_000;

export interface VirtualBench {
  readonly emulator: Emulator;
  readonly cloud: Cloud;
  readonly clock: VirtualClock;
  /** Lets time pass, but never while a request is on its way, until it is so; answers after how many ms. */
  readonly until: (isSo: () => Promise<boolean> | boolean) => Promise<number>;
  readonly startEngine: () => Promise<{ readonly engine: Engine; readonly stop: () => Promise<void> }>;
  /** Requests to Nova since the engine was started. */
  readonly novaCalls: () => Promise<readonly RequestRecord[]>;
}

/**
 * The emulated cloud and the engine under one virtual clock. `dead`: hosts without power. `alive`: their targets.
 * `spawnMs(i)`: how long the i-th instance takes.
 */
export async function virtualBench(
  onTestFinished: (cleanUp: () => Promise<void>) => void,
  spec: {
    readonly dead?: readonly string[];
    readonly alive?: readonly string[];
    readonly instances: number;
    readonly spawnMs: (index: number) => number;
    readonly limits?: Partial<RecoverLimits>;
    readonly options?: Partial<EmulatorOptions>;
    /** How finely time passes. */
    readonly stepMs?: number;
    /** How long the engine waits for the answer to each of its calls, once it has started. */
    readonly slownessMs?: number;
  },
): Promise<VirtualBench> {
  const clock = virtualClock();
  const emulator = await startEmulator({ clock, options: { schedulerMs: 100, ...spec.options } });
  const directory = mkdtempSync(join(tmpdir(), 'lifeboat-virtual-'));
  onTestFinished(async () => {
    await emulator.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const dead = spec.dead ?? ['cmp1'];
  for (const name of [...dead, ...(spec.alive ?? ['cmp2', 'cmp3', 'cmp4'])]) await emulator.addHost({ name });
  for (const host of dead) {
    for (let index = 0; index < spec.instances; index++) {
      // The same ids each time: Nova lists by them what was made at one moment, and so the order of two runs is the same.
      const id = `00000000-0000-4000-8000-${String(dead.indexOf(host) * 10_000 + index).padStart(12, '0')}`;
      await emulator.addInstance({ host, id, name: `web-${index}`, spawnMs: spec.spawnMs(index) });
    }
    await emulator.killHost(host);
  }
  const logger = recordingLogger();
  const { cloud, idle } = counting(
    await openCloud({
      source: { kind: 'environment', variables: emulator.environment },
      clock,
      randomness: systemRandomness,
      logger,
    }),
  );
  const until: VirtualBench['until'] = async (isSo) => {
    const startMs = clock.monotonic();
    for (;;) {
      // What an answer sets off may ask again.
      await idle();
      await clock.settle();
      await idle();
      if (await isSo()) return clock.monotonic() - startMs;
      if (clock.monotonic() - startMs > GIVE_UP_MS) throw new Error('it never came to that');
      await clock.advance(spec.stepMs ?? 5);
    }
  };
  let earlier = 0;
  let hasStarted = false;
  return {
    emulator,
    cloud,
    clock,
    until,
    async startEngine() {
      const store = await openSqliteStore(join(directory, 'engine.db'), logger);
      const engine = new Engine({
        store,
        lease: leaseOf({ store, logger, clock }),
        cloud: slow(cloud, clock, () => (hasStarted ? (spec.slownessMs ?? 0) : 0)),
        clock,
        randomness: systemRandomness,
        logger,
        limits: { ...LIMITS, ...spec.limits },
        selection: { select: 'all', markKey: 'HA_Enabled', excludeNames: [], excludeProjects: [] },
        maxSnapshotAgeMs: 60_000,
        ...NO_GUARDS,
        onMissed: () => undefined,
        onChange: () => undefined,
      });
      await engine.start();
      await engine.services.refresh(0);
      hasStarted = true;
      earlier = (await emulator.requests()).length;
      const verdicts: readonly Verdict[] = dead.map((host) => proven(host, proofAt(host, clock.now())));
      const seeing = new AbortController();
      const see = async (): Promise<void> => {
        while (!seeing.signal.aborted) {
          const decision = { verdicts, memory: emptyMemory, sentences: [], missed: [], fencedAgain: [] };
          await engine.observe({ ...SNAPSHOT, readAtMs: clock.now() }, decision);
          await sleep(clock, 2_000, seeing.signal);
        }
      };
      see().catch(() => undefined);
      return {
        engine,
        async stop() {
          seeing.abort(new Error('stopped'));
          await engine.stop();
          await store.close();
        },
      };
    },
    novaCalls: async () => (await emulator.requests()).slice(earlier).filter(({ path }) => path.includes('/compute/')),
  };
}

function proofAt(host: string, completedAtMs: number): Proof {
  return {
    id: `${host}:1`,
    node: host,
    kind: 'fenced',
    action: 'reboot',
    completedAtMs,
    by: 'ctl2',
    origin: 'ctl1',
    evidence: ['history'],
  };
}

/** Every answer comes that much later. */
function slow(cloud: Cloud, clock: VirtualClock, slownessMs: () => number): Cloud {
  return new Proxy(cloud, {
    get(target, name, receiver) {
      const verb: unknown = Reflect.get(target, name, receiver);
      if (typeof verb !== 'function') return verb;
      return async (...args: unknown[]): Promise<unknown> => {
        const answer = await (verb as (...all: unknown[]) => unknown).apply(target, args);
        if (slownessMs() > 0) await sleep(clock, slownessMs());
        return answer;
      };
    },
  });
}

/** `idle` resolves as soon as no call is without its answer. */
function counting(cloud: Cloud): { readonly cloud: Cloud; readonly idle: () => Promise<void> } {
  let pending = 0;
  let waiting: (() => void)[] = [];
  const counted = new Proxy(cloud, {
    get(target, name, receiver) {
      const verb: unknown = Reflect.get(target, name, receiver);
      if (typeof verb !== 'function') return verb;
      return async (...args: unknown[]): Promise<unknown> => {
        pending += 1;
        try {
          return await (verb as (...all: unknown[]) => unknown).apply(target, args);
        } finally {
          pending -= 1;
          if (pending === 0) {
            for (const resolve of waiting) resolve();
            waiting = [];
          }
        }
      };
    },
  });
  const idle = async (): Promise<void> => {
    while (pending > 0) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  return { cloud: counted, idle };
}
