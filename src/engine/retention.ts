import type { ClusterSnapshot } from '../crm/snapshot.ts';
import { sleep, type Clock, type Logger } from '../ports.ts';
import type { Store } from './store/store.ts';

export interface RetentionPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long what is closed is kept, in ms. */
  readonly retentionMs: number;
}

const EVERY_MS = 3_600_000;
/** Small, because one transaction of Galera is applied on every node as a whole. */
const BATCH = 100;
const BETWEEN_BATCHES_MS = 200;

/** Removes what was closed long ago from the store, a little at a time. */
export class Retention {
  readonly #ports: RetentionPorts;
  #sweptAtMs = Number.NEGATIVE_INFINITY;

  constructor(ports: RetentionPorts) {
    this.#ports = ports;
  }

  /**
   * Once an hour; answers with the notifications that are gone. The store's memory of a proof is what keeps one fencing
   * from being answered twice (S3), so what Pacemaker still lists stays, however old it is.
   */
  async sweep(
    { fencings, nodes }: Pick<ClusterSnapshot, 'fencings' | 'nodes'>,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const { clock, logger, retentionMs, store } = this.#ports;
    if (clock.monotonic() - this.#sweptAtMs < EVERY_MS) return [];
    this.#sweptAtMs = clock.monotonic();
    const listed = new Set([
      ...fencings.map(({ target, completedAtMs }) => proofIdOf(target, completedAtMs)),
      ...[...nodes.values()].map(({ name, state }) => proofIdOf(name, state?.fencedAtMs)),
    ]);
    const gone: string[] = [];
    for (let after = ''; ;) {
      const page = await store.closedBefore(clock.now() - retentionMs, after, BATCH);
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.id;
      const ids = page.filter(({ proofId }) => !listed.has(withoutUse(proofId))).map(({ id }) => id);
      await store.forget(ids);
      gone.push(...ids);
      await sleep(clock, BETWEEN_BATCHES_MS, signal);
    }
    while ((await store.forgetNotices(clock.now() - retentionMs, BATCH)) === BATCH)
      await sleep(clock, BETWEEN_BATCHES_MS, signal);
    if (gone.length > 0) logger.info({ notifications: gone.length }, `${gone.length} old records were removed`);
    return gone;
  }
}

function proofIdOf(node: string, completedAtMs: number | undefined): string {
  return `${node}:${Math.floor((completedAtMs ?? 0) / 1000)}`;
}

/** The second use of one id ends in ~2 (proof.ts). */
function withoutUse(proofId: string): string {
  return proofId.replace(/~\d+$/, '');
}
