import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyMemory } from '../../../src/bridge/index.ts';
import { systemClock } from '../../../src/edge/clock.ts';
import { systemRandomness } from '../../../src/edge/randomness.ts';
import { Engine } from '../../../src/engine/engine.ts';
import type { Move } from '../../../src/engine/move.ts';
import type { RecoverLimits } from '../../../src/engine/recover.ts';
import { isUnfinished } from '../../../src/engine/recovery.ts';
import { openSqliteStore } from '../../../src/engine/store/sqlite-store.ts';
import type { Cloud } from '../../../src/openstack/cloud.ts';
import { eventually } from '../../support/eventually.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { NO_GUARDS, proofOf, proven, SNAPSHOT } from '../../unit/engine/bench.ts';
import { ATTEMPTS } from './expected.ts';

/** The product's, but for the times that a test would wait out. */
const LIMITS: RecoverLimits = {
  settleMs: 15_000,
  moveTimeoutMs: 120_000,
  attempts: ATTEMPTS,
  parallel: 20,
  followMs: 500,
  retryDelayMs: 500,
  witnessSilenceMs: 60_000,
  cloudPatienceMs: 5_000,
  releaseRetryMs: 1_000,
};

const PATIENCE_MS = 180_000;

/** An engine with a store of its own is told that the hosts were fenced, and is ended when it has nothing left to do. */
export async function recoverHosts(cloud: Cloud, hosts: readonly string[]): Promise<readonly Move[]> {
  const directory = mkdtempSync(join(tmpdir(), 'lifeboat-states-'));
  const logger = recordingLogger();
  const store = await openSqliteStore(join(directory, 'engine.db'), logger);
  const engine = new Engine({
    store,
    cloud,
    clock: systemClock,
    randomness: systemRandomness,
    logger,
    limits: LIMITS,
    selection: { select: 'all', markKey: 'HA_Enabled', excludeNames: [], excludeProjects: [] },
    maxSnapshotAgeMs: 60_000,
    ...NO_GUARDS,
    onMissed: () => undefined,
    onChange: () => undefined,
  });
  try {
    await engine.start();
    await engine.services.refresh(0);
    const now = systemClock.now();
    const verdicts = hosts.map((host) => proven(host, proofOf(host, now)));
    const ended = async (): Promise<boolean> => {
      const snapshot = { ...SNAPSHOT, readAtMs: systemClock.now() };
      await engine.observe(snapshot, { verdicts, memory: emptyMemory, sentences: [], missed: [], fencedAgain: [] });
      const ours = engine.recoveries.filter(({ recovery }) => hosts.includes(recovery.host));
      return ours.length >= hosts.length && ours.every(({ recovery }) => !isUnfinished(recovery));
    };
    await eventually('the recovery has ended', ended, { withinMs: PATIENCE_MS, everyMs: 300 }).catch(
      (error: unknown) => {
        throw new Error(`it said:\n${logger.lines.join('\n')}`, { cause: error });
      },
    );
    return engine.recoveries.flatMap(({ moves }) => moves);
  } finally {
    await engine.stop();
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
