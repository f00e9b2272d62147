import { startRig, type Rig } from '../cluster/rig/rig.ts';
import type { Chance } from '../../src/simulation/chance.ts';
import { SHARED_STORE_CONFIGURATION, SHARED_STORE_FILES, startSharedStore } from '../cluster/rig/shared-store.ts';
import type { DatabaseServer } from '../store/server.ts';
import { remainsInDatabase, remainsInFiles } from './remains.ts';
import { oneRound, type Kill, type Round } from './round.ts';

export interface CampaignOptions {
  readonly name: string;
  readonly kills: number;
  readonly store: 'embedded' | 'shared';
  readonly chance: Chance;
  /** At once: what comes after it may break off. */
  readonly onKill: (kill: Kill) => void;
  readonly onRound: (round: Round) => void;
}

const INSTANCES: readonly (readonly [state: string, count: number])[] = [
  ['active', 16],
  ['stopped', 2],
  ['paused', 2],
  ['suspended', 1],
  ['rescued', 1],
];
const HOSTS = ['cmp1', 'cmp2', 'cmp3'] as const;

/** Pacemaker is to notice each kill at once, and never to have enough of them. */
const HASTE: readonly (readonly string[])[] = [
  ['pcs', 'resource', 'op', 'add', 'lifeboat', 'monitor', 'interval=1s', 'timeout=20s', '--force'],
  ['pcs', 'resource', 'meta', 'lifeboat', 'migration-threshold=INFINITY', 'failure-timeout=20s'],
];
/**
 * After a start that a kill has cut off Pacemaker chooses anew, and on another controller the embedded store knows nothing of
 * what instances were (docs/install.md). With the shared store the engine may move as it likes.
 */
const STAYS: readonly (readonly string[])[] = [
  ['pcs', 'property', 'set', 'start-failure-is-fatal=false'],
  ['pcs', 'constraint', 'location', 'lifeboat', 'prefers', 'ctl1=INFINITY'],
];

/** Rounds in one cluster, one host after the other, until so many kills have been made. */
export async function runCampaign({
  name,
  kills,
  store,
  chance,
  onKill,
  onRound,
}: CampaignOptions): Promise<readonly Round[]> {
  let database: DatabaseServer | undefined;
  const rig = await startRig({
    name,
    computes: HOSTS.length,
    // As a real machine boots. Back within seconds, it would be there before one of many killed engines has written its
    // loss down, and then nothing may be evacuated any more (S1).
    cib: { reconnectInterval: '30s' },
    cloud: { schedulerMs: 200, spawnMs: 900 },
    configuration: `  parallel: 4\n${store === 'shared' ? SHARED_STORE_CONFIGURATION : ''}`,
    ...(store === 'shared' && {
      files: SHARED_STORE_FILES,
      beforeLifeboat: async (lab) => {
        database = await startSharedStore(lab);
      },
    }),
  });
  try {
    const remains = database === undefined ? remainsInFiles(rig.lab) : remainsInDatabase(database);
    for (const argv of database === undefined ? [...HASTE, ...STAYS] : HASTE) await rig.lab.exec('ctl1', argv);
    await rig.lab.waitIdle();
    await populate(rig);
    const rounds: Round[] = [];
    let left = kills;
    for (let number = 0; left > 0; number += 1) {
      const host = HOSTS[number % HOSTS.length] ?? 'cmp1';
      const round = await oneRound(rig, host, {
        quota: Math.min(left, chance.between(4, 16)),
        chance,
        remains,
        onKill,
      });
      left -= round.kills.length;
      rounds.push(round);
      onRound(round);
    }
    return rounds;
  } finally {
    await rig.down();
    await database?.remove();
  }
}

async function populate({ cloud }: Rig): Promise<void> {
  for (const [vmState, count] of INSTANCES) {
    for (let number = 1; number <= count; number += 1) {
      await cloud.addInstance({ host: 'cmp1', name: `${vmState}-${number}`, vmState });
    }
  }
}
