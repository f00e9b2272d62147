import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configFromText } from '../../../src/config/load.ts';
import type { Cluster } from '../../../src/crm/cluster.ts';
import type { ClusterSnapshot } from '../../../src/crm/snapshot.ts';
import { createBridgeOnlyHeart, type BridgeOnlyHeart } from '../../../src/daemon/bridge-only/heart.ts';
import { bridgeOnlyHealth, bridgeOnlyStatus } from '../../../src/daemon/bridge-only/report.ts';
import { LifeboatError } from '../../../src/errors.ts';
import type { Cloud, ComputeService } from '../../../src/openstack/cloud.ts';
import type { HostDown, MasakariApi, ReportAnswer } from '../../../src/openstack/masakari.ts';
import { openSpool, type Spool } from '../../../src/sink/spool.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import {
  clusterNode,
  fencedRemote,
  fencing,
  lostRemote,
  remoteNode,
  snapshotAt,
  type SnapshotChange,
} from '../../support/snapshots.ts';
import { virtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

/** A Masakari without HTTP: what it has, what it answers, and how often it was asked. */
export class ModelMasakari {
  readonly reports: HostDown[] = [];
  readonly onMaintenance = new Set<string>();
  readonly unknownHosts = new Set<string>();
  /** Thrown instead of an answer; `after`: it has taken it. */
  trouble: { readonly when: 'before' | 'after'; readonly error: LifeboatError } | undefined;
  asked = 0;

  async reportDown(report: HostDown, mayLeave: () => void): Promise<ReportAnswer> {
    mayLeave();
    this.asked += 1;
    if (this.trouble?.when === 'before') throw this.trouble.error;
    const answer = this.#answer(report);
    if (this.trouble !== undefined) throw this.trouble.error;
    return answer;
  }

  /** As its engine does with all that it has. */
  work(): void {
    for (const { host } of this.reports) this.onMaintenance.add(host);
  }

  #answer(report: HostDown): ReportAnswer {
    if (this.unknownHosts.has(report.host))
      return { kind: 'refused', said: `Host with name ${report.host} could not be found.` };
    const own = this.reports.filter(({ host }) => host === report.host);
    const known = own.some(({ fencedAtMs }) => fencedAtMs === report.fencedAtMs);
    if (this.onMaintenance.has(report.host)) return { kind: 'maintenance', known, said: 'already under maintenance' };
    if (own.some(({ fencedAtMs }) => fencedAtMs >= report.fencedAtMs - 180_000))
      return { kind: 'duplicate', known, said: 'is duplicate' };
    this.reports.push(report);
    return { kind: 'taken' };
  }
}

export const down = (code: 'CLOUD_UNAVAILABLE' | 'CLOUD_UNAUTHORIZED' | 'CLOUD_TIMED_OUT'): LifeboatError =>
  new LifeboatError(code, 'report cmp1 to Masakari: it did not go well');

/** How a compute node stands; `fencedAtMs` is when its fencing completed. */
export type NodeState = 'up' | 'lost' | { readonly fencedAtMs: number };

export interface Bench {
  readonly clock: VirtualClock;
  readonly masakari: ModelMasakari;
  readonly heart: BridgeOnlyHeart;
  readonly lines: readonly string[];
  readonly nodes: Map<string, NodeState>;
  /** Of snapshots, beside the nodes. */
  change: SnapshotChange;
  /** updated_at of nova-compute. */
  readonly heartbeats: Map<string, number>;
  novaFails: boolean;
  /** As `stonith_admin --cleanup`: the history tells of no fencing. */
  forgetFencings(): void;
  /** What crm_mon would show. */
  readonly shown: Map<string, string>;
  health(): ReturnType<typeof bridgeOnlyHealth>;
  status(): ReturnType<typeof bridgeOnlyStatus>;
  /** The next process, on the same disk; the former one does nothing more. `spool`: what stands before it. */
  restart(options?: RestartOptions): void;
  /** Reads of the cluster and everything that follows from them. */
  pass(ms: number): Promise<void>;
  end(): void;
}

export interface RestartOptions {
  readonly spool?: (spool: Spool) => Spool;
  readonly masakari?: (masakari: MasakariApi) => MasakariApi;
  /** Another controller, whose disk knows of nothing. */
  readonly elsewhere?: boolean;
  /** What a broken disk made of the spool. */
  readonly damaged?: boolean;
}

/** A daemon with `sink: masakari` in virtual time, on a real disk. */
export function bridgeOnlyBench(hosts: readonly string[], yaml = '', first: RestartOptions = {}): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-sink-'));
  const clock = virtualClock({ nowMs: Date.UTC(2026, 10, 25, 20, 0, 0) });
  const masakari = new ModelMasakari();
  const logger = recordingLogger();
  const config = configFromText(`sink: masakari\n${yaml}`, 'lifeboat.yaml');
  const nodes = new Map<string, NodeState>(hosts.map((host) => [host, 'up']));
  const shown = new Map<string, string>();
  const heartbeats = new Map<string, number>();
  let spoolName = 0;
  const fencings = new Map<string, number>();

  const snapshot = (): ClusterSnapshot => {
    const known = [...nodes].map(([name, state]) => {
      if (state === 'up') return remoteNode(name);
      if (state === 'lost') return lostRemote(name);
      fencings.set(name, state.fencedAtMs);
      return fencedRemote(name, state.fencedAtMs);
    });
    return snapshotAt(clock.now(), {
      nodes: [clusterNode('ctl1', { attributes: attributesOf('ctl1') }), ...known],
      fencings: [...fencings].map(([name, atMs]) => fencing(name, atMs)),
      ...bench.change,
    });
  };
  const attributesOf = (node: string): ReadonlyMap<string, string> =>
    new Map(
      [...shown]
        .filter(([key]) => key.startsWith(`${node} `))
        .map(([key, text]) => [key.slice(node.length + 1), text] as const),
    );
  const cluster: Cluster = {
    read: async () => snapshot(),
    writeAttribute: async (node, name, value) => {
      if (value === undefined) shown.delete(`${node} ${name}`);
      else shown.set(`${node} ${name}`, value);
    },
  };
  const cloud = {
    computeServices: async () => {
      if (bench.novaFails) throw new LifeboatError('CLOUD_UNAVAILABLE', 'list compute services: 503');
      return hosts.map((host) => ({
        host,
        id: host,
        updatedAtMs: heartbeats.get(host),
      })) as unknown as readonly ComputeService[];
    },
  } as unknown as Cloud;

  let heart: BridgeOnlyHeart;
  let spool: Spool;
  const begin = (options: RestartOptions): void => {
    if (options.elsewhere === true) spoolName += 1;
    const path = join(folder, `reports-${spoolName}.db`);
    if (options.damaged === true)
      writeFileSync(path, 'no database at all, but a text that is long enough to be one\n'.repeat(99));
    const opened = openSpool(path, logger);
    spool = options.spool?.(opened) ?? opened;
    heart = createBridgeOnlyHeart({
      ...{ config, cluster, cloud, clock, logger, spool },
      masakari: options.masakari?.(masakari) ?? masakari,
      randomness: { next: () => 0.5, uuid: () => 'uuid' },
      localNode: 'ctl1',
      pid: 1,
    });
    heart.start();
  };
  const bench: Bench = {
    clock,
    masakari,
    get heart() {
      return heart;
    },
    lines: logger.lines,
    nodes,
    change: {},
    heartbeats,
    novaFails: false,
    shown,
    forgetFencings: () => {
      fencings.clear();
    },
    health: () => bridgeOnlyHealth(heart.facts()),
    status: () => bridgeOnlyStatus(heart.facts()),
    restart(options = {}) {
      heart.stop();
      spool.close();
      begin(options);
    },
    async pass(ms) {
      for (let left = ms; left > 0; left -= 500) await clock.advance(Math.min(500, left));
      await clock.settle();
    },
    end() {
      heart.stop();
      spool.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  begin(first);
  return bench;
}
