import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyMemory, type Missed, type Proof, type Verdict } from '../../../src/bridge/index.ts';
import type { ClusterSnapshot } from '../../../src/crm/snapshot.ts';
import { systemClock } from '../../../src/edge/clock.ts';
import { systemRandomness } from '../../../src/edge/randomness.ts';
import { Engine, type EnginePorts } from '../../../src/engine/engine.ts';
import type { RecoverLimits } from '../../../src/engine/recover.ts';
import { openSqliteStore } from '../../../src/engine/store/sqlite-store.ts';
import type { Lease } from '../../../src/engine/lease.ts';
import type { Store } from '../../../src/engine/store/store.ts';
import type { Cloud } from '../../../src/openstack/cloud.ts';
import type { NovaCloud } from '../../../src/openstack/nova.ts';
import { openCloud } from '../../../src/openstack/open-cloud.ts';
import { startEmulator, type Emulator, type EmulatorOptions } from '../../emulator/index.ts';
import type { Clock } from '../../../src/ports.ts';
import { eventually } from '../../support/eventually.ts';
import { leaseOf } from '../../support/lease.ts';
import { recordingLogger, type RecordingLogger } from '../../support/recording-logger.ts';

/** Short times, so that a test takes as long as what it shows; the figures of the product stand in the configuration. */
const LIMITS: RecoverLimits = {
  settleMs: 400,
  moveTimeoutMs: 5_000,
  attempts: 3,
  parallel: 5,
  followMs: 20,
  retryDelayMs: 30,
  witnessSilenceMs: 60_000,
  cloudPatienceMs: 200,
  releaseRetryMs: 20,
};

type Guards = Pick<EnginePorts, 'storm' | 'flapping' | 'segmentOf'>;

/** No number of losses is too many, no host fails too often. */
export const NO_GUARDS: Guards = {
  storm: {
    windowMs: 300_000,
    coolDownMs: 0,
    cluster: { hosts: 1_000, percent: 100 },
    segment: { hosts: 1_000, percent: 100 },
  },
  flapping: { failures: 1_000, windowMs: 86_400_000 },
  segmentOf: () => undefined,
};

export interface EngineBench {
  readonly emulator: Emulator;
  readonly cloud: Cloud;
  readonly logger: RecordingLogger;
  readonly storePath: string;
  /** An engine on a store; what an earlier one of the same store left is read. */
  readonly start: (options?: EngineStart) => Promise<RunningEngine>;
  readonly openStore: (name?: string) => Promise<Store>;
  /** Opened by an engine of before, which may write into it until the next one takes over. */
  readonly formerStore: (name?: string) => Promise<Store>;
}

export interface EngineStart {
  readonly store?: Store;
  readonly cloud?: Cloud;
  readonly limits?: Partial<RecoverLimits>;
  /** Default: one over its store, which takes over at once from whoever held it. */
  readonly lease?: Lease;
  readonly clock?: Clock;
  readonly more?: Partial<EnginePorts>;
  readonly guards?: Partial<Guards>;
}

export interface RunningEngine {
  readonly engine: Engine;
  readonly see: (
    verdicts: readonly Verdict[],
    snapshot?: Partial<ClusterSnapshot>,
    fencedAgain?: readonly Proof[],
  ) => Promise<void>;
  readonly stop: () => Promise<void>;
  /** What it told an operator to see to. */
  readonly missed: readonly Missed[];
}

/** Hosts cmp1 to cmp4 in an emulated cloud, of which `kill` are without power, and engines to recover them. */
export async function engineBench(
  onTestFinished: (cleanUp: () => Promise<void>) => void,
  { instances = 3, options = {} }: { readonly instances?: number; readonly options?: Partial<EmulatorOptions> } = {},
): Promise<EngineBench> {
  const emulator = await startEmulator({ options: { spawnMs: 40, schedulerMs: 5, ...options } });
  const directory = mkdtempSync(join(tmpdir(), 'lifeboat-engine-'));
  onTestFinished(async () => {
    await emulator.close();
    rmSync(directory, { recursive: true, force: true });
  });
  for (const name of ['cmp1', 'cmp2', 'cmp3', 'cmp4']) await emulator.addHost({ name });
  await emulator.addInstances('cmp1', instances, 'web');
  const logger = recordingLogger();
  const cloud = await openCloud({
    source: { kind: 'environment', variables: emulator.environment },
    clock: systemClock,
    randomness: systemRandomness,
    logger,
    timings: { requestMs: 1_000, attempts: 2, budgetMs: 100, backoffMs: 10 },
  });
  const openStore = (name = 'engine'): Promise<Store> => openSqliteStore(join(directory, `${name}.db`), logger);
  return {
    emulator,
    cloud,
    logger,
    storePath: join(directory, 'engine.db'),
    openStore,
    async formerStore(name) {
      const store = await openStore(name);
      await store.takeLease({ holder: 'ctl0 former', durationMs: 60_000 });
      return store;
    },
    async start({
      store,
      cloud: useCloud = cloud,
      limits = {},
      guards = {},
      more = {},
      lease,
      clock = systemClock,
    } = {}) {
      const ownStore = store ?? (await openStore());
      const missedOf: Missed[] = [];
      const engine = new Engine({
        store: ownStore,
        lease: lease ?? leaseOf({ store: ownStore, logger, clock }),
        cloud: useCloud,
        clock,
        randomness: systemRandomness,
        logger,
        limits: { ...LIMITS, ...limits },
        selection: { select: 'all', markKey: 'HA_Enabled', excludeNames: [], excludeProjects: [] },
        maxSnapshotAgeMs: 60_000,
        ...NO_GUARDS,
        ...guards,
        onMissed: (missed) => missedOf.push(missed),
        onChange: () => undefined,
        ...more,
      });
      await engine.start();
      await engine.services.refresh(0);
      const stop = async (): Promise<void> => {
        await engine.stop();
        await ownStore.close();
      };
      return {
        engine,
        stop,
        missed: missedOf,
        see: (verdicts, snapshot = {}, fencedAgain = []) =>
          engine.observe(
            { ...SNAPSHOT, readAtMs: Date.now(), ...snapshot },
            { verdicts, memory: emptyMemory, sentences: [], missed: [], fencedAgain },
          ),
      };
    },
  };
}

/** The engine's clients of Placement, Glance and the rest of Nova. */
export function inventoryOf(emulator: Emulator, requestMs = 1_000): Promise<NovaCloud> {
  return openCloud({
    source: { kind: 'environment', variables: emulator.environment },
    clock: systemClock,
    randomness: systemRandomness,
    logger: recordingLogger(),
    timings: { requestMs, attempts: 1, budgetMs: 100, backoffMs: 10 },
  });
}

export const SNAPSHOT: ClusterSnapshot = {
  readAtMs: 0,
  localNode: 'ctl1',
  quorate: true,
  dc: 'ctl1',
  options: { stonithEnabled: true, maintenanceMode: false, stopAllResources: false, noQuorumPolicy: 'stop' },
  nodes: new Map(),
  fencings: [],
};

export function proofOf(node: string, completedAtMs = Date.now()): Proof {
  return {
    id: `${node}:${Math.floor(completedAtMs / 1000)}`,
    node,
    kind: 'fenced',
    action: 'reboot',
    completedAtMs,
    by: 'ctl2',
    origin: 'ctl1',
    evidence: ['history'],
  };
}

export function proven(node: string, proof: Proof = proofOf(node)): Verdict {
  return { state: 'proven', node, host: node, lostSinceMs: proof.completedAtMs - 2_000, proof };
}

export function up(node: string): Verdict {
  return { state: 'up', node, host: node };
}

/** Keeps showing the engine the same verdicts until its newest recovery of the host is in the state. */
export async function untilRecovery(
  running: RunningEngine,
  host: string,
  state: string,
  verdicts: readonly Verdict[],
): Promise<void> {
  await eventually(`${host} is ${state}, now ${running.engine.recoveries[0]?.recovery.state}`, async () => {
    await running.see(verdicts);
    return running.engine.recoveries.some(({ recovery }) => recovery.host === host && recovery.state === state);
  });
}
