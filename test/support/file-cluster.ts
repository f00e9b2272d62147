import { readFile } from 'node:fs/promises';
import type { Cluster } from '../../src/crm/cluster.ts';
import { fencedRemote, fencing, remoteNode, snapshotAt } from './snapshots.ts';

/** What a file says of remote nodes: up, or when they were fenced (milliseconds since the epoch). */
export type FileCluster = Readonly<Record<string, { readonly fencedAtMs?: number }>>;

/** A quorate cluster with three controllers, and the remote nodes that a JSON file names. */
export function fileCluster(path: string): Cluster {
  return {
    async read() {
      const readAtMs = Date.now();
      const said = Object.entries(JSON.parse(await readFile(path, 'utf8')) as FileCluster);
      const nodes = said.map(([name, { fencedAtMs }]) =>
        fencedAtMs === undefined ? remoteNode(name) : fencedRemote(name, fencedAtMs),
      );
      const fencings = said.flatMap(([name, { fencedAtMs }]) =>
        fencedAtMs === undefined ? [] : [fencing(name, fencedAtMs)],
      );
      return snapshotAt(readAtMs, { nodes, fencings });
    },
    writeAttribute: () => Promise.resolve(),
  };
}
